// Scripts, messages, and outcomes as one line of text: "fileinto Work [\Seen]; keep".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "server/sieve/interpreter.hpp"
#include "tests/catch.hpp"

namespace mailscope::sieve::test {

/// The two messages of RFC 5228 section 1.1.
inline constexpr std::string_view kMessageA =
    "Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)\r\n"
    "From: coyote@desert.example.org\r\n"
    "To: roadrunner@acme.example.com\r\n"
    "Subject: I have a present for you\r\n"
    "\r\n"
    "Look, I'm sorry about the whole anvil thing, and I really\r\n"
    "didn't mean to try and drop it on you from the top of the\r\n"
    "cliff.\r\n";
inline constexpr std::string_view kMessageB =
    "From: youcouldberich!@reply-by-postal-mail.invalid\r\n"
    "To: rube@landru.example.com\r\n"
    "Date:  Mon, 31 Mar 1997 18:26:10 -0800\r\n"
    "Subject: $$$ YOU, TOO, CAN BE A MILLIONAIRE! $$$\r\n"
    "\r\n"
    "YOU MAY HAVE ALREADY WON TEN MILLION DOLLARS, BUT I DOUBT\r\n"
    "IT!\r\n";

class FakeSurroundings final : public Surroundings {
 public:
  bool mailbox_exists(std::string_view mailbox) const override {
    return mailboxes.contains(mailbox);
  }
  bool has_special_use(std::string_view mailbox, std::string_view use) const override {
    return use == "\\Junk" && (mailbox.empty() || mailbox == "Spam");
  }
  std::optional<std::string> annotation(std::string_view mailbox,
                                        std::string_view entry) const override {
    const auto found = annotations.find(std::string(mailbox) + std::string(entry));
    return found == annotations.end() ? std::nullopt : std::optional(found->second);
  }
  bool seen(std::string_view id) const override { return ids.contains(id); }

  std::set<std::string, std::less<>> mailboxes = {"INBOX", "Spam", "Work"};
  std::set<std::string, std::less<>> ids;
  std::map<std::string, std::string, std::less<>> annotations;  // by mailbox and entry
};

/// What the tests vary.
struct Case {
  std::string_view message = kMessageA;
  std::string_view from = "coyote@desert.example.org";
  std::string_view to = "roadrunner@acme.example.com";
};

inline constexpr net::Time kNow{std::chrono::seconds(1'183'213'845)};  // 2007-06-30 14:30:45 UTC

inline Outcome outcome_of(std::string_view text, const Case& c = {},
                          const FakeSurroundings& surroundings = {}) {
  const Compiled compiled = compile(text);
  INFO(text);
  for (const Problem& problem : compiled.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(compiled.script != nullptr);
  Input input{c.message, {}, {}, kNow};
  if (!c.from.empty()) input.from = mail::Mailbox::parse(c.from).value();
  input.to = mail::Mailbox::parse(c.to).value();
  return run(*compiled.script, input, surroundings);
}

/// Addresses, "!1" for the importance, the message, "=" and the subject, the body between slashes.
inline std::string shown(const Notification& letter) {
  std::string out;
  for (const auto* addresses : {&letter.method.to, &letter.method.cc}) {
    for (const mail::Mailbox& each : *addresses) out += " " + each.to_string();
  }
  if (letter.importance != 2) out += " !" + std::to_string(letter.importance);
  if (letter.message) out += " " + *letter.message;
  if (letter.method.subject) out += " =" + *letter.method.subject;
  if (!letter.method.body.empty()) out += " /" + letter.method.body + "/";
  return out;
}

inline std::string shown(const Outcome& outcome) {
  std::string out;
  for (const Action& action : outcome.actions) {
    if (!out.empty()) out += "; ";
    out += to_string(action.kind);
    if (action.kind == Action::Kind::fileinto) {
      if (action.create) out += " :create";
      if (!action.special_use.empty()) out += " :specialuse " + action.special_use;
      out += " " + action.mailbox;
    }
    if (action.kind == Action::Kind::redirect) out += " " + action.address.to_string();
    if (action.kind == Action::Kind::notify) out += shown(action.notification);
    if (!action.text.empty()) out += " " + action.text;
    for (const std::string& flag : action.flags) out += " [" + flag + "]";
  }
  if (outcome.discarded) out += out.empty() ? "discard" : "; discard";
  if (outcome.error) out += " ! " + outcome.error->to_string();
  return out;
}

inline std::string result(std::string_view text, const Case& c = {},
                          const FakeSurroundings& surroundings = {}) {
  return shown(outcome_of(text, c, surroundings));
}

/// Value of a test under "if TEST { discard; }", with these extensions.
inline bool holds(std::string_view extensions, std::string_view test, const Case& c = {},
                  const FakeSurroundings& surroundings = {}) {
  std::string script = extensions.empty() ? "" : "require [" + std::string(extensions) + "];\n";
  script += "if " + std::string(test) + " { discard; }\n";
  const Outcome outcome = outcome_of(script, c, surroundings);
  INFO(script);
  CHECK_FALSE(outcome.error);
  return outcome.discarded;
}

/// The first problem of a script, or "".
inline std::string problem(std::string_view text) {
  const Compiled compiled = compile(text);
  CHECK((compiled.script == nullptr) == !compiled.problems.empty());
  return compiled.problems.empty() ? std::string() : compiled.problems.front().to_string();
}

}  // namespace mailscope::sieve::test
