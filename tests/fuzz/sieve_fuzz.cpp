// Any script over any message: whatever compiles runs to an end, and its outcome keeps the rules.
// Input: the script, a NUL, the message.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/sieve/interpreter.hpp"
#include "server/sieve/message.hpp"

using namespace mailscope;
using namespace mailscope::sieve;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class Everything final : public Surroundings {
 public:
  bool mailbox_exists(std::string_view mailbox) const override { return mailbox.size() % 2 == 0; }
  bool has_special_use(std::string_view, std::string_view use) const override {
    return use.size() % 2 == 0;
  }
  std::optional<std::string> annotation(std::string_view mailbox,
                                        std::string_view entry) const override {
    if (entry.size() % 2 == 0) return std::nullopt;
    return std::string(mailbox) + std::string(entry);
  }
  bool seen(std::string_view id) const override { return id.size() % 2 == 0; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\0'), input.size());
  const std::string_view message = input.substr(std::min(end + 1, input.size()));
  Limits limits;
  limits.work = 1'000'000;
  limits.steps = 1'000;
  const Compiled compiled = compile(input.substr(0, end), {}, limits);
  require((compiled.script != nullptr) == compiled.problems.empty());
  require(compiled.problems.size() <= limits.problems);
  if (!compiled.script) return 0;
  Input around{message, {}, {"bob", "b.example"}, net::Time{std::chrono::seconds(1'000'000)}};
  if (size % 3 != 0) around.from = {"alice+x", "a.example"};
  const Outcome outcome = run(*compiled.script, around, Everything());
  const auto count = [&](Action::Kind kind) {
    return static_cast<std::size_t>(
        std::ranges::count_if(outcome.actions, [&](const Action& a) { return a.kind == kind; }));
  };
  // A message is kept, sent on, refused, or thrown away on purpose: never lost.
  const std::size_t answers = count(Action::Kind::vacation);
  require(outcome.discarded || outcome.actions.size() > answers);
  require(!outcome.error || (outcome.actions.size() == 1 && count(Action::Kind::keep) == 1));
  const std::size_t refusals = count(Action::Kind::reject) + count(Action::Kind::ereject);
  require(refusals == 0 || outcome.actions.size() == 1);
  require(answers <= 1 && count(Action::Kind::redirect) <= limits.redirects);
  require(outcome.actions.size() <= limits.actions + 1);
  // Strings of variables do not grow without end.
  std::size_t text = 0;
  for (const Action& action : outcome.actions) {
    text += action.mailbox.size() + action.text.size() + action.vacation.reason.size() +
            action.vacation.subject.size();
    for (const std::string& address : action.vacation.addresses) text += address.size();
    if (!action.header) continue;
    // A header of a script's making has no empty line, behind which all would be body.
    const std::string& header = *action.header;
    require(!header.starts_with("\r\n") && !header.starts_with('\n'));
    require(header.find("\n\n") == std::string::npos && header.find("\n\r\n") == std::string::npos);
    require(with_header(message, header).size() <= header.size() + message.size());
  }
  require(text <= size + limits.work + limits.looks * message.size() + limits.expanded);
  return 0;
}
