// Commands of an SMTP server that ask, or tell about the session: HELP, VRFY, EXPN, ETRN, XCLIENT.
//
//   C: VRFY bob
//   S: 252 2.5.0 Cannot say; send the message and see
//   C: ETRN globex.example
//   S: 253 2.0.0 3 messages for globex.example are sent
//   C: XCLIENT ADDR=192.0.2.7 HELO=phone.acme.example
//   S: 220 mx1.globex.example ESMTP Mailscope
#include <algorithm>
#include <array>

#include "server/mail/address.hpp"
#include "server/smtp/server.hpp"
#include "server/smtp/xtext.hpp"

namespace mailscope::smtp {

void ServerEngine::help(std::string_view topic) {
  const CommandRule* rule = topic.empty() ? nullptr : find_command(topic);
  if (rule != nullptr) {
    Reply one{214, {2, 0, 0}, "Syntax: " + std::string(rule->syntax)};
    for (const ParameterRule& each : parameters()) {
      if (each.verb != rule->verb || !offered(each.extension)) continue;
      one.text.append(" [").append(each.syntax).append("]");
    }
    one.text.append("\nSee ").append(rule->section);
    return reply(one);
  }
  Reply all{214, {2, 0, 0}, "Commands:"};
  for (const CommandRule& each : kCommands) {
    if (!offered(each.extension)) continue;
    all.text.append("\n").append(each.syntax);
  }
  reply(all);
}

void ServerEngine::verify(std::string_view argument, bool expand) {
  // RFC 6531 section 3.7.4.2: SMTPUTF8 behind the name says that the answer may have UTF-8.
  constexpr std::string_view kUtf8 = " SMTPUTF8";
  const bool utf8 = offered(Extension::smtputf8) && argument.size() > kUtf8.size() &&
                    equal_nocase(argument.substr(argument.size() - kUtf8.size()), kUtf8);
  if (utf8) argument.remove_suffix(kUtf8.size());
  const bool ascii =
      std::ranges::all_of(argument, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii && !utf8) return refuse({553, {5, 6, 7}, "This name needs SMTPUTF8"});
  expanding_ = expand;
  settle(Pending::verify, handler_.on_verify(*this, argument, expand));
}

void ServerEngine::verify_answered(const Answer& answer) {
  if (answer.kind == Answer::Kind::reply) return reply(answer.text);
  // RFC 5321 section 7.3: who is on a list need not be told; section 4.2.4: known, so not 500.
  if (expanding_) return refuse({502, {5, 5, 1}, "The members of lists are not told"});
  // RFC 5321 section 7.3: not telling who exists is allowed, as 252.
  reply({252, {2, 5, 0}, "Cannot say; send the message and see"});
}

void ServerEngine::etrn(std::string_view argument) {
  // RFC 1985 section 5.3: "@" asks for a domain and all below it, "#" for a queue of some name.
  const bool marked = argument[0] == '@' || argument[0] == '#';
  const std::string_view node = argument.substr(marked ? 1 : 0);
  // RFC 1985 section 5: a fully qualified name; so nobody asks for all that is below "com".
  const bool qualified = mail::is_domain(node) && node.find('.') != std::string_view::npos;
  const bool named =
      argument[0] == '#' ? !node.empty() && node.find(' ') == std::string_view::npos : qualified;
  if (!named) return refuse({501, {5, 5, 4}, "Syntax: ETRN [@|#]node"});
  const Answer answer = handler_.on_etrn(*this, marked ? argument[0] : '\0', node);
  reply(answer.kind == Answer::Kind::reply ? answer.text
                                           : Reply{250, {2, 0, 0}, "OK, it is being sent"});
}

bool ServerEngine::may_xclient() const {
  return std::ranges::find(options_.xclient_from, peer_) != options_.xclient_from.end();
}

/// What a proxy knows of the client behind it; then everything begins anew, as if that client had
/// connected.
void ServerEngine::xclient(std::string_view argument) {
  constexpr std::array<std::string_view, 8> kNames = {"NAME", "ADDR",  "PORT",     "PROTO",
                                                      "HELO", "LOGIN", "DESTADDR", "DESTPORT"};
  net::Address address = envelope_.client;
  std::string helo = xclient_helo_;
  std::string account = envelope_.account;
  const auto broken = [&](std::string_view what) {
    refuse({501, {5, 5, 4}, "XCLIENT: " + std::string(what)});
  };
  while (!argument.empty()) {
    const CommandLine word = split_command(argument);
    argument = word.argument;
    const std::size_t equals = word.verb.find('=');
    if (equals == std::string_view::npos) return broken("attribute=value is expected");
    const std::string_view name = word.verb.substr(0, equals);
    const auto value = decode_xtext(word.verb.substr(equals + 1));
    const auto known = [&](std::string_view each) { return equal_nocase(each, name); };
    if (!std::ranges::any_of(kNames, known)) return broken("an attribute is not known");
    if (!value) return broken("a value is not xtext");
    const bool absent =
        equal_nocase(*value, "[UNAVAILABLE]") || equal_nocase(*value, "[TEMPUNAVAIL]");
    if (known("ADDR") && !absent) {
      const bool v6 = equal_nocase(std::string_view(*value).substr(0, 5), "IPV6:");
      const auto parsed = net::Address::parse(std::string_view(*value).substr(v6 ? 5 : 0));
      if (!parsed || parsed->is_v6() != v6) return broken("ADDR is no address");
      address = *parsed;
    } else if (known("HELO")) {
      if (!absent && !is_helo_name(*value)) return broken("HELO is no name");
      helo = absent ? std::string() : *value;
    } else if (known("LOGIN")) {
      account = absent ? std::string() : *value;
    } else if (known("PROTO") && !equal_nocase(*value, "SMTP") && !equal_nocase(*value, "ESMTP")) {
      return broken("PROTO is SMTP or ESMTP");
    }
  }
  envelope_ = {};
  envelope_.client = address;
  envelope_.account = std::move(account);
  xclient_helo_ = std::move(helo);
  state_ = State::opening;
  settle(Pending::connect, handler_.on_connect(*this));
}

}  // namespace mailscope::smtp
