// What a client has learnt from a server, as plain data.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/response_parser.hpp"
#include "server/store/mail_store.hpp"

namespace mailscope::imap {

/// ENVELOPE in short: encoded words as they came, addresses as "local@domain".
struct ClientEnvelope {
  std::string date, subject, message_id, in_reply_to;
  std::vector<std::string> from, to, cc;
};

struct ClientMessage {
  store::Uid uid = 0;
  std::vector<std::string> flags;  // "\\Seen", "$Forwarded"; sorted
  std::uint64_t size = 0;          // octets, as the server says
  std::string internal_date;       // "17-Jul-1996 02:44:25 -0700"
  ClientEnvelope envelope;
  store::Body octets;  // null until fetched
  bool has_flag(std::string_view flag) const;
};

/// The selected mailbox as the server has told it.
struct ClientMailbox {
  std::string name;  // UTF-8
  std::uint32_t exists = 0;
  std::uint32_t recent = 0;
  std::uint32_t uid_validity = 0;
  store::Uid uid_next = 0;
  bool read_only = false;
  /// One entry per sequence number; 0 where the UID is not known yet.
  std::vector<store::Uid> by_number;
  std::map<store::Uid, ClientMessage> messages;
};

struct ListedMailbox {
  std::string name;  // UTF-8
  char separator = '\0';
  std::vector<std::string> attributes;  // "\\HasNoChildren", "\\Sent"
  bool has_attribute(std::string_view attribute) const;
};

/// An untagged FETCH: what it says of one message.
struct FetchData {
  std::optional<store::Uid> uid;
  std::optional<std::vector<std::string>> flags;
  std::optional<std::uint64_t> size;
  std::optional<std::string> internal_date;
  std::optional<ClientEnvelope> envelope;
  store::Body octets;  // of BODY[] or RFC822
};
/// Takes what it understands; values of the wrong kind are passed over.
FetchData read_fetch(Value& list);
std::optional<ListedMailbox> read_list(const std::vector<Value>& values);

}  // namespace mailscope::imap
