// Reads FETCH and LIST responses into plain data.
#include "server/imap/client_data.hpp"

#include <algorithm>

#include "server/imap/unicode.hpp"
#include "server/imap/utf7.hpp"

namespace mailscope::imap {
namespace {

bool contains_ci(const std::vector<std::string>& list, std::string_view wanted) {
  return std::any_of(list.begin(), list.end(),
                     [wanted](const std::string& item) { return equal_ci(item, wanted); });
}

std::vector<std::string> read_atoms(Value& list) {
  std::vector<std::string> out;
  for (Value& item : list.items) {
    if (item.kind == Value::Kind::atom) out.push_back(std::move(item.text));
  }
  std::sort(out.begin(), out.end());
  return out;
}

// ((name adl mailbox host) ...) as "mailbox@host"; groups are passed over.
std::vector<std::string> read_addresses(const Value& list) {
  std::vector<std::string> out;
  for (const Value& item : list.items) {
    if (item.items.size() != 4 || item.items[2].kind == Value::Kind::nil ||
        item.items[3].kind == Value::Kind::nil)
      continue;
    out.push_back(item.items[2].text + '@' + item.items[3].text);
  }
  return out;
}

// RFC 3501 section 7.4.2: date subject from sender reply-to to cc bcc in-reply-to message-id.
std::optional<ClientEnvelope> read_envelope(Value& list) {
  constexpr std::size_t kFields = 10;
  if (list.items.size() != kFields) return std::nullopt;
  ClientEnvelope out;
  out.date = std::move(list.items[0].text);
  out.subject = std::move(list.items[1].text);
  out.from = read_addresses(list.items[2]);
  out.to = read_addresses(list.items[5]);
  out.cc = read_addresses(list.items[6]);
  out.in_reply_to = std::move(list.items[8].text);
  out.message_id = std::move(list.items[9].text);
  return out;
}

}  // namespace

bool ClientMessage::has_flag(std::string_view flag) const {
  return contains_ci(flags, flag);
}
bool ListedMailbox::has_attribute(std::string_view attribute) const {
  return contains_ci(attributes, attribute);
}

FetchData read_fetch(Value& list) {
  FetchData out;
  for (std::size_t i = 0; i + 1 < list.items.size(); i += 2) {
    const Value& name = list.items[i];
    Value& value = list.items[i + 1];
    if (name.is_atom("UID")) {
      if (const auto uid = value.number(); uid && *uid > 0 && *uid <= 0xffffffff)
        out.uid = static_cast<store::Uid>(*uid);
    } else if (name.is_atom("FLAGS") && value.kind == Value::Kind::list) {
      out.flags = read_atoms(value);
    } else if (name.is_atom("RFC822.SIZE")) {
      out.size = value.number();
    } else if (name.is_atom("INTERNALDATE") && value.kind == Value::Kind::string) {
      out.internal_date = std::move(value.text);
    } else if (name.is_atom("ENVELOPE")) {
      out.envelope = read_envelope(value);
    } else if ((name.is_atom("BODY[]") || name.is_atom("RFC822")) &&
               value.kind == Value::Kind::string) {
      out.octets = std::make_shared<const std::string>(std::move(value.text));
    }
  }
  return out;
}

std::optional<ListedMailbox> read_list(const std::vector<Value>& values) {
  if (values.size() < 3 || values[0].kind != Value::Kind::list) return std::nullopt;
  const Value& name = values[2];
  if (name.kind == Value::Kind::list || name.kind == Value::Kind::nil) return std::nullopt;
  ListedMailbox out;
  // A name that is not modified UTF-7 is kept as it came: it is still the server's name for it.
  out.name = utf7_decode(name.text).value_or(name.text);
  if (values[1].kind == Value::Kind::string && values[1].text.size() == 1)
    out.separator = values[1].text.front();
  for (const Value& attribute : values[0].items) {
    if (attribute.kind == Value::Kind::atom) out.attributes.push_back(attribute.text);
  }
  return out;
}

}  // namespace mailscope::imap
