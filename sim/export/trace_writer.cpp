// Writing trace files; the form is described octet by octet in docs/trace.md.
#include <zlib.h>

#include <stdexcept>
#include <utility>

#include "sim/export/trace_codec.hpp"
#include "sim/export/trace_file.hpp"

namespace mailscope::exporting {

namespace {

/// Events in a block at most: a reader decodes this many in about half a millisecond.
constexpr std::uint32_t kBlockEvents = 2'048;
/// Octets of events that fill a block, uncompressed: blocks with captured payloads stay small too.
constexpr std::size_t kBlockOctets = 512 * 1024;
/// zlib's level: 6 takes thrice the time for a few per cent.
constexpr int kCompression = 3;

constexpr std::string_view kProducer = "mailscope 0.1.0";
constexpr std::uint64_t kMinorVersion = 0;

std::string deflate_octets(std::string_view raw) {
  uLongf size = compressBound(raw.size());
  std::string stored(size, '\0');
  const int code = compress2(reinterpret_cast<Bytef*>(stored.data()), &size,
                             reinterpret_cast<const Bytef*>(raw.data()), raw.size(), kCompression);
  if (code != Z_OK) throw std::runtime_error("zlib cannot compress: code " + std::to_string(code));
  stored.resize(size);
  return stored;
}

}  // namespace

TraceWriter::TraceWriter(const trace::Log& log, Output output)
    : log_(log), output_(std::move(output)) {
  write_header();
}

void TraceWriter::put(std::string_view octets) {
  output_(octets);
  offset_ += octets.size();
}

void TraceWriter::write_header() {
  std::string payload;
  put_varint(payload, kMinorVersion);
  put_string(payload, kProducer);
  put_varint(payload, trace::all_kinds().size());
  for (const trace::KindInfo& kind : trace::all_kinds()) {
    put_string(payload, kind.name);
    put_string(payload, trace::to_string(kind.layer));
    put_string(payload, kind.text);
    put_varint(payload, kind.fields.size());
    for (const trace::FieldInfo& field : kind.fields) {
      put_string(payload, field.name);
      payload += static_cast<char>(field.type);
    }
  }
  std::string header(kTraceMagic);
  put_u32(header, static_cast<std::uint32_t>(payload.size()));
  put_u32(header, crc_of(payload));
  put(header + payload);
}

void TraceWriter::emit(std::string_view tag, std::string_view raw, trace::EventId first,
                       std::uint32_t events) {
  if (raw.size() > kMaxTraceBlock) {
    throw std::length_error("event " + std::to_string(first + events - 1) +
                            " does not fit in a block of the trace file");
  }
  const std::string stored = deflate_octets(raw);
  const std::int64_t time = events > 0 ? log_.at(first).time_ns : 0;
  std::string header(tag);
  put_u32(header, static_cast<std::uint32_t>(stored.size()));
  put_u32(header, static_cast<std::uint32_t>(raw.size()));
  put_u32(header, first);
  put_u64(header, static_cast<std::uint64_t>(time));
  put_u32(header, events);
  put_u32(header, crc_of(header, stored));
  index_.push_back({tag[0], offset_, first, events, time});
  put(header);
  put(stored);
}

void TraceWriter::write_strings() {
  const trace::HostId hosts = log_.host_count();
  std::string host_numbers;
  for (auto host = static_cast<unsigned>(hosts_written_ + 1); host <= hosts; ++host) {
    put_varint(host_numbers, strings_.intern(log_.host_name(static_cast<trace::HostId>(host))));
  }
  const std::uint32_t end = strings_.size();
  if (end == strings_written_ && hosts == hosts_written_) return;
  std::string raw;
  put_varint(raw, strings_written_);
  put_varint(raw, end - strings_written_);
  for (std::uint32_t i = strings_written_; i < end; ++i) put_string(raw, strings_.at(i));
  put_varint(raw, hosts_written_ + 1U);
  put_varint(raw, static_cast<std::uint64_t>(hosts - hosts_written_));
  raw += host_numbers;
  strings_written_ = end;
  hosts_written_ = hosts;
  emit("STRS", raw, raw_first_, 0);
}

/// Writes the events from raw_first_ up to, but not with, `end`.
void TraceWriter::write_block(trace::EventId end) {
  write_strings();  // those that the block needs come before it
  emit("EVTS", raw_, raw_first_, end - raw_first_);
  raw_.clear();
  raw_first_ = end;
}

void TraceWriter::write_full_blocks() {
  for (; next_ <= log_.size(); ++next_) {
    const trace::Event& event = log_.at(next_);
    if (raw_.empty()) {
      last_time_ = event.time_ns;
      last_connection_ = 0;
      last_message_ = 0;
    }
    put_varint(raw_, static_cast<std::uint64_t>(event.kind));
    // Unsigned arithmetic: differences of any two times are defined.
    put_signed(raw_, static_cast<std::int64_t>(static_cast<std::uint64_t>(event.time_ns) -
                                               static_cast<std::uint64_t>(last_time_)));
    put_varint(raw_, event.cause == 0 ? 0 : next_ - event.cause);
    put_varint(raw_, event.host);
    put_varint(raw_, event.peer);
    put_signed(raw_, std::int64_t{event.connection} - last_connection_);
    put_signed(raw_, std::int64_t{event.message} - last_message_);
    last_time_ = event.time_ns;
    last_connection_ = event.connection;
    last_message_ = event.message;
    const auto& fields = trace::info(event.kind).fields;
    const auto values = log_.values(next_);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].is_number) {
        put_signed(raw_, values[i].number);
      } else if (fields[i].type == trace::FieldType::bytes) {
        put_string(raw_, values[i].text);
      } else {
        put_varint(raw_, strings_.intern(values[i].text));
      }
    }
    if (next_ + 1 - raw_first_ >= kBlockEvents || raw_.size() >= kBlockOctets) {
      write_block(next_ + 1);
    }
  }
}

void TraceWriter::finish() {
  write_full_blocks();
  if (!raw_.empty()) write_block(next_);
  write_strings();  // hosts that no event names
  const std::uint64_t index_offset = offset_;
  std::string raw;
  put_varint(raw, index_.size());
  std::uint64_t last_offset = 0;
  for (const IndexEntry& entry : index_) {
    raw += entry.type;
    put_varint(raw, entry.offset - last_offset);
    put_varint(raw, entry.first);
    put_varint(raw, entry.events);
    put_signed(raw, entry.time_ns);
    last_offset = entry.offset;
  }
  emit("INDX", raw, 0, 0);
  std::string trailer;
  put_u64(trailer, index_offset);
  trailer += kTraceEndMagic;
  put(trailer);
}

std::string write_trace(const trace::Log& log) {
  std::string file;
  TraceWriter writer(log, [&file](std::string_view octets) { file += octets; });
  writer.finish();
  return file;
}

}  // namespace mailscope::exporting
