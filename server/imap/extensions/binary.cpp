// BINARY (RFC 3516): a part without its transfer encoding, so that the client need not decode it.
//
//   C: a FETCH 1 (BINARY.SIZE[2] BINARY.PEEK[2]<0.500>)
//   S: * 1 FETCH (BINARY.SIZE[2] 2340 BINARY[2]<0> ~{500}
//   S: (octets, NUL among them))
//   S: a OK Fetched
#include <algorithm>

#include "server/imap/extensions/extensions.hpp"

namespace mailscope::imap {
namespace {

// The octets that an item means: nullopt when there is no such part, or it cannot be decoded, which
// fails the command (RFC 3516 section 4.3).
std::optional<std::string_view> find_octets(const FetchItem& item, FetchedMessage& f) {
  if (item.section.part.empty()) return f.message->octets();
  const mail::Part* part = find_part(*f.message, item.section.part);
  if (part == nullptr) return std::nullopt;
  const auto octets = without_encoding(*part, f.message->octets(), f.scratch);
  if (octets && octets->data() == f.scratch.data() && !may_make(f, octets->size()))
    return std::nullopt;
  if (!octets) f.problem = no("The encoding of a part is not known", "UNKNOWN-CTE");
  return octets;
}

}  // namespace

std::optional<std::string_view> without_encoding(const mail::Part& part, std::string_view message,
                                                 std::string& scratch) {
  static constexpr std::string_view kPlain[] = {"7bit", "8bit", "binary"};
  const bool plain =
      std::find(std::begin(kPlain), std::end(kPlain), part.encoding) != std::end(kPlain);
  if (plain || part.is_multipart() || part.is_message()) return part.body(message);
  if (part.encoding != "base64" && part.encoding != "quoted-printable") return std::nullopt;
  scratch = mail::decode_body(part, message);
  return scratch;
}

bool parse_binary_size(Cursor& cursor, FetchItem& item) {
  item.label = "BINARY.SIZE[";
  if (!parse_part_numbers(cursor, item.section, item.label) || !cursor.character(']')) return false;
  item.label += ']';
  return true;
}

bool parse_binary(Cursor& cursor, FetchItem& item) {
  item.label = "BINARY[";
  if (!parse_part_numbers(cursor, item.section, item.label) || !cursor.character(']')) return false;
  item.label += ']';
  return parse_partial(cursor, item);
}

void write_binary(ResponseWriter& out, const FetchItem& item, FetchedMessage& f) {
  out.text(item.label).text(" ");
  const auto octets = find_octets(item, f);
  if (!octets) {
    out.text("NIL");
    return;
  }
  const bool shared = octets->data() != f.scratch.data();
  out.literal8(item.partial ? partial_octets(*octets, *item.partial) : *octets,
               shared ? f.message->shared() : nullptr);
}

void write_binary_size(ResponseWriter& out, const FetchItem& item, FetchedMessage& f) {
  const auto octets = find_octets(item, f);
  out.text(item.label).text(" ").number(octets ? octets->size() : 0);
}

}  // namespace mailscope::imap
