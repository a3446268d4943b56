// Any octets are subjects, identifiers, URLs and NOTIFY programs: base subjects have none of what
// is taken from them, threads hold each message once, and URLs that are read can be told apart.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "server/imap/base_subject.hpp"
#include "server/imap/collation.hpp"
#include "server/imap/imap_url.hpp"
#include "server/imap/message_ids.hpp"
#include "server/imap/notify_program.hpp"
#include "server/imap/rights.hpp"
#include "server/imap/sort_program.hpp"
#include "server/imap/threading.hpp"

using namespace mailscope::imap;

namespace {

constexpr std::size_t kMaxReferencesHere = 50;  // keeps an input quick

void require(bool holds) {
  if (!holds) std::abort();
}

// Each line is a message: "id references..." in angle brackets, then its subject.
std::vector<ThreadedMessage> messages_in(std::string_view input) {
  std::vector<ThreadedMessage> messages;
  while (!input.empty() && messages.size() < 500) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    ThreadedMessage message;
    message.number = static_cast<std::uint32_t>(messages.size() + 1);
    message.sent = mailscope::net::Time(mailscope::net::Duration(line.size()));
    message.references = message_ids(line, kMaxReferencesHere);
    if (!message.references.empty()) {
      message.message_id = message.references.front();
      message.references.erase(message.references.begin());
    }
    const BaseSubject subject = base_subject(line.substr(line.rfind('>') + 1));
    message.subject = sorting_key(Collation::unicode_casemap, subject.text);
    message.reply_or_forward = subject.reply_or_forward;
    messages.push_back(std::move(message));
  }
  return messages;
}

void check_tree(const ThreadTree& tree, std::size_t count) {
  std::multiset<std::uint32_t> numbers;
  const std::string text = format_threads(tree);
  std::uint32_t number = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + static_cast<std::uint32_t>(c - '0');
    } else if (number != 0) {
      numbers.insert(number);
      number = 0;
    }
  }
  require(numbers.size() == count);
  require(std::set<std::uint32_t>(numbers.begin(), numbers.end()).size() == count);
  require(std::count(text.begin(), text.end(), '(') == std::count(text.begin(), text.end(), ')'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const BaseSubject subject = base_subject(input);
  const BaseSubject again = base_subject(subject.text);
  require(again.text.size() <= subject.text.size());
  const std::vector<ThreadedMessage> messages = messages_in(input);
  for (const auto thread : {thread_by_subject, thread_by_references, thread_by_refs})
    check_tree(thread(messages), messages.size());
  if (const auto url = parse_imap_url(input)) {
    require(url->rump.size() <= input.size());
    require(url->mechanism.empty() || input.starts_with(url->rump));
  }
  NotifyProgram program;
  Cursor notify(input);
  static_cast<void>(parse_notify(notify, program));
  SortProgram order;
  Cursor sort(input);
  static_cast<void>(parse_sort_program(sort, true, order));
  if (const auto rights = Rights::parse(input)) require(Rights::parse(rights->letters()) == rights);
  return 0;
}
