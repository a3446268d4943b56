// What untagged responses and response codes mean to the client.
#include <algorithm>

#include "server/imap/client.hpp"
#include "server/imap/sequence_set.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

/// A server that claims more messages than this in one mailbox is not believed: each costs memory.
constexpr std::uint32_t kMaxClientMessages = 10'000'000;

std::uint32_t small_number(const std::vector<Value>& values, std::size_t at) {
  if (at >= values.size()) return 0;
  const auto number = values[at].number();
  return number && *number <= 0xffffffff ? static_cast<std::uint32_t>(*number) : 0;
}

/// "3956:3958,4000" as numbers, at most `most` of them.
std::vector<store::Uid> expand_set(const Value& set, std::size_t most) {
  std::vector<store::Uid> out;
  Cursor cursor(set.text);
  SequenceSet parsed;
  if (set.kind != Value::Kind::atom || !parse_sequence_set(cursor, parsed) || !cursor.at_end())
    return out;
  for (const NumberRange& range : parsed.ranges) {
    for (std::uint64_t n = std::min(range.first, range.last);
         n <= std::max(range.first, range.last); ++n) {
      if (out.size() == most) return out;
      out.push_back(static_cast<store::Uid>(n));
    }
  }
  return out;
}

}  // namespace

bool ClientEngine::offers(std::string_view capability) const {
  return std::any_of(capabilities_.begin(), capabilities_.end(),
                     [&](const std::string& known) { return equal_ci(known, capability); });
}

void ClientEngine::take_capabilities(const std::vector<Value>& values) {
  capabilities_.clear();
  capabilities_known_ = true;
  for (const Value& value : values) {
    if (value.kind == Value::Kind::atom) capabilities_.push_back(value.text);
  }
}

void ClientEngine::untagged(Response& response) {
  if (response.name == "BYE") {
    if (state_ != ClientState::leaving) fail("the server ended the session: " + response.text);
    return;
  }
  if (response.is_status()) {
    status_code(response);
  } else if (response.name == "CAPABILITY") {
    take_capabilities(response.values);
  } else if (response.name == "LIST") {
    if (auto listed = read_list(response.values)) mailboxes_.push_back(std::move(*listed));
  } else if (response.number && mailbox_) {
    if (response.name == "EXISTS")
      exists(*response.number);
    else if (response.name == "RECENT")
      mailbox_->recent = *response.number;
    else if (response.name == "EXPUNGE")
      expunge(*response.number);
    else if (response.name == "FETCH" && response.values.size() == 1)
      fetched(*response.number, read_fetch(response.values[0]));
  }
}

void ClientEngine::status_code(const Response& response) {
  const std::vector<Value>& values = response.code_arguments;
  if (response.code == "CAPABILITY") {
    take_capabilities(values);
  } else if (response.code == "APPENDUID" && values.size() == 2) {
    result_.uids = expand_set(values[1], 1);
  } else if (response.code == "COPYUID" && values.size() == 3 && !actions_.empty()) {
    result_.uids = expand_set(values[2], actions_.front().uids.size());
  } else if (mailbox_) {
    if (response.code == "UIDVALIDITY")
      mailbox_->uid_validity = small_number(values, 0);
    else if (response.code == "UIDNEXT")
      mailbox_->uid_next = small_number(values, 0);
    else if (response.code == "READ-ONLY")
      mailbox_->read_only = true;
    else if (response.code == "READ-WRITE")
      mailbox_->read_only = false;
  }
}

void ClientEngine::exists(std::uint32_t count) {
  if (count > kMaxClientMessages) {
    fail("the server claims " + std::to_string(count) + " messages in one mailbox");
    return;
  }
  mailbox_->exists = count;
  mailbox_->by_number.resize(count, 0);
  news_ = true;
}

void ClientEngine::expunge(std::uint32_t number) {
  auto& uids = mailbox_->by_number;
  if (number == 0 || number > uids.size()) return;  // a number that means no message
  const auto at = uids.begin() + static_cast<std::ptrdiff_t>(number) - 1;
  mailbox_->messages.erase(*at);
  uids.erase(at);
  mailbox_->exists = static_cast<std::uint32_t>(uids.size());
  news_ = true;
}

void ClientEngine::fetched(std::uint32_t number, FetchData data) {
  auto& uids = mailbox_->by_number;
  if (number == 0 || number > uids.size()) return;
  store::Uid& uid = uids[number - 1];
  if (data.uid) uid = *data.uid;
  if (uid == 0) return;  // flags of a message that we have not asked about yet
  ClientMessage& message = mailbox_->messages[uid];
  message.uid = uid;
  if (data.flags) message.flags = std::move(*data.flags);
  if (data.size) message.size = *data.size;
  if (data.internal_date) message.internal_date = std::move(*data.internal_date);
  if (data.envelope) message.envelope = std::move(*data.envelope);
  if (data.octets) message.octets = std::move(data.octets);
  news_ = true;
}

}  // namespace mailscope::imap
