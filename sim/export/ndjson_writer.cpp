// Writing NDJSON. The writer knows the few shapes that occur, so it needs no JSON library.
#include <fmt/format.h>

#include <array>

#include "server/mail/encoding.hpp"
#include "sim/export/ndjson.hpp"

namespace mailscope::exporting {

namespace {

constexpr std::size_t kPieceOctets = 256 * 1024;

/// A JSON string (RFC 8259 section 7) from valid UTF-8.
void append_string(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        // DEL is allowed in JSON, but terminals act on it.
        if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) {
          out += "\\u00";
          out += kHex[static_cast<std::uint8_t>(c) >> 4];
          out += kHex[static_cast<std::uint8_t>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

/// {"text":"..."} or {"base64":"..."}.
void append_octets(std::string& out, std::string_view octets) {
  if (mail::is_valid_utf8(octets)) {
    out += "{\"text\":";
    append_string(out, octets);
  } else {
    out += "{\"base64\":\"";
    out += mail::base64_encode(octets);
    out += '"';
  }
  out += '}';
}

void append_value(std::string& out, trace::FieldType type, const trace::Value& value) {
  if (value.is_number) {
    fmt::format_to(std::back_inserter(out), "{}", value.number);
  } else if (type != trace::FieldType::bytes && mail::is_valid_utf8(value.text)) {
    append_string(out, value.text);
  } else {
    append_octets(out, value.text);
  }
}

void append_number(std::string& out, std::string_view name, std::uint64_t number) {
  if (number != 0) fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, number);
}

void append_host(std::string& out, std::string_view name, std::string_view host) {
  if (host.empty()) return;
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_value(out, trace::FieldType::text, host);
}

}  // namespace

void append_ndjson(std::string& out, const trace::Log& log, trace::EventId id) {
  const trace::Event& event = log.at(id);
  const trace::KindInfo& kind = trace::info(event.kind);
  fmt::format_to(std::back_inserter(out),
                 "{{\"id\":{},\"t_ns\":{},\"kind\":\"{}\",\"layer\":\"{}\"", id, event.time_ns,
                 kind.name, trace::to_string(kind.layer));
  append_host(out, "host", log.host_name(event.host));
  append_host(out, "peer", log.host_name(event.peer));
  append_number(out, "connection", event.connection);
  append_number(out, "message", event.message);
  append_number(out, "cause", event.cause);
  out += ",\"fields\":{";
  const auto values = log.values(id);
  for (std::size_t i = 0; i < values.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\":", i > 0 ? "," : "", kind.fields[i].name);
    append_value(out, kind.fields[i].type, values[i]);
  }
  out += "}}\n";
}

void write_ndjson(const trace::Log& log, const std::function<void(std::string_view)>& output) {
  std::string piece;
  for (trace::EventId id = 1; id <= log.size(); ++id) {
    append_ndjson(piece, log, id);
    if (piece.size() < kPieceOctets) continue;
    output(piece);
    piece.clear();
  }
  if (!piece.empty()) output(piece);
}

}  // namespace mailscope::exporting
