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

// What a part is without its encoding; nullopt: its encoding is none that we know.
std::optional<std::string_view> decoded(const mail::Part& part, FetchedMessage& f) {
  static constexpr std::string_view kPlain[] = {"7bit", "8bit", "binary"};
  const std::string_view octets = f.message->octets();
  const bool plain =
      std::find(std::begin(kPlain), std::end(kPlain), part.encoding) != std::end(kPlain);
  if (plain || part.is_multipart() || part.is_message()) return part.body(octets);
  if (part.encoding != "base64" && part.encoding != "quoted-printable") return std::nullopt;
  f.scratch = mail::decode_body(part, octets);
  return f.scratch;
}

// The octets that an item means: nullopt when there is no such part, or it cannot be decoded, which
// fails the command (RFC 3516 section 4.3).
std::optional<std::string_view> find_octets(const FetchItem& item, FetchedMessage& f) {
  if (item.section.part.empty()) return f.message->octets();
  const mail::Part* part = find_part(*f.message, item.section.part);
  if (part == nullptr) return std::nullopt;
  const auto octets = decoded(*part, f);
  if (!octets) f.problem = no("The encoding of a part is not known", "UNKNOWN-CTE");
  return octets;
}

}  // namespace

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
