// Reading trace files. Everything in them is checked: a file may be cut off, damaged or hostile.
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sim/export/trace_codec.hpp"
#include "sim/export/trace_file.hpp"

namespace mailscope::exporting {

namespace {

constexpr std::size_t kFileHeaderOctets = 16;  // magic, size, CRC
constexpr std::size_t kBlockHeaderOctets = 32;
constexpr std::size_t kTrailerOctets = 16;
/// The table of kinds; ours has some ten thousand octets.
constexpr std::uint64_t kMaxHeaderPayload = 1 << 20;
constexpr std::uint64_t kMaxKinds = 10'000;
constexpr std::uint64_t kMaxFields = 100;
constexpr std::uint64_t kMaxHosts = 65'535;

std::uint32_t get_u32(std::string_view octets, std::size_t at) {
  return static_cast<std::uint32_t>(get_little_endian(octets, at, 4));
}

/// Octets as a person can read them: printable ones as they are, others in hexadecimal.
std::string show(std::string_view octets) {
  std::string text = "\"";
  for (const char c : octets) {
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      text += c;
    } else {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x",
                    static_cast<unsigned>(static_cast<std::uint8_t>(c)));
      text += hex;
    }
  }
  return text + '"';
}

}  // namespace

/// Decodes the events of one block; each is written as the difference to the one before.
class EventDecoder {
 public:
  EventDecoder(std::string_view raw, trace::EventId first, std::int64_t first_time_ns)
      : in(raw), next(first), time_ns(first_time_ns) {}
  OctetReader in;
  std::uint64_t next;
  std::int64_t time_ns;
  std::int64_t connection = 0;
  std::int64_t message = 0;
};

std::string TraceProblem::to_string() const {
  return "at octet " + std::to_string(offset) + ": " + what;
}

TraceReader::TraceReader(std::string_view file, TraceLimits limits) : file_(file), limits_(limits) {
  if (!read_header()) return;
  if (read_index()) {
    indexed_ = true;
  } else if (!problem_) {
    scan();
  }
}

/// Keeps the problem that comes first in the file. Always false.
bool TraceReader::fail(std::uint64_t offset, std::string what) {
  if (!problem_ || offset < problem_->offset) problem_ = TraceProblem{offset, std::move(what)};
  return false;
}

// ---- The header ----

bool TraceReader::read_header() {
  const std::string_view magic = file_.substr(0, kTraceMagic.size());
  if (magic != kTraceMagic) {
    if (magic.substr(0, 7) == kTraceMagic.substr(0, 7) && magic.size() == kTraceMagic.size()) {
      return fail(
          0, "a trace file of version " + show(magic.substr(7)) + "; this program reads version 1");
    }
    return fail(0, "not a trace file: found " + show(magic) + ", wanted " + show(kTraceMagic));
  }
  if (file_.size() < kFileHeaderOctets) return fail(file_.size(), "the file ends in its header");
  const std::uint32_t size = get_u32(file_, 8);
  if (size > kMaxHeaderPayload) {
    return fail(8, "a header of " + std::to_string(size) + " octets; at most " +
                       std::to_string(kMaxHeaderPayload) + " are allowed");
  }
  if (file_.size() - kFileHeaderOctets < size) {
    return fail(file_.size(), "the file ends in its header");
  }
  const std::string_view payload = file_.substr(kFileHeaderOctets, size);
  if (crc_of(payload) != get_u32(file_, 12)) return fail(12, "the header's checksum is wrong");
  blocks_begin_ = kFileHeaderOctets + size;
  return read_kinds(payload);
}

bool TraceReader::read_kinds(std::string_view payload) {
  OctetReader in(payload);
  in.varint();  // the minor version: what it adds comes at the end and may be ignored
  producer_ = in.string();
  const std::uint64_t kinds = in.varint_up_to(kMaxKinds);
  for (std::uint64_t i = 0; i < kinds && in.ok(); ++i) {
    KindOfFile kind;
    kind.name = in.string();
    in.string();  // the layer and the description are for other programs
    in.string();
    const std::uint64_t fields = in.varint_up_to(kMaxFields);
    for (std::uint64_t f = 0; f < fields && in.ok(); ++f) {
      const std::string_view name = in.string();
      const std::string_view type = in.octets(1);
      if (in.ok() && std::string_view("isbx").find(type[0]) == std::string_view::npos) {
        return fail(kFileHeaderOctets + in.position() - 1,
                    "field type " + show(type) + "; known are i, s, b and x");
      }
      if (in.ok()) kind.fields.push_back({std::string(name), type[0]});
    }
    kinds_.push_back(std::move(kind));
  }
  if (in.ok()) return true;
  kinds_.clear();
  return fail(kFileHeaderOctets, "the table of kinds does not fit in the header");
}

// ---- Blocks ----

bool TraceReader::read_block_header(std::uint64_t offset, Block& block) {
  if (offset > file_.size() || file_.size() - offset < kBlockHeaderOctets) {
    return fail(offset, "the file ends early: no room for a block's header");
  }
  const std::string_view header = file_.substr(offset, kBlockHeaderOctets);
  block.offset = offset;
  block.tag = header.substr(0, 4);
  block.stored = get_u32(header, 4);
  block.raw = get_u32(header, 8);
  block.first = get_u32(header, 12);
  block.first_time_ns = static_cast<std::int64_t>(get_little_endian(header, 16, 8));
  block.events = get_u32(header, 24);
  block.size = kBlockHeaderOctets + std::uint64_t{block.stored};
  if (file_.size() - offset < block.size) {
    return fail(offset, "the file ends early: the block " + show(block.tag) + " has " +
                            std::to_string(block.stored) + " octets, " +
                            std::to_string(file_.size() - offset - kBlockHeaderOctets) +
                            " are left");
  }
  if (block.raw > kMaxTraceBlock) {
    return fail(offset + 8, "a block of " + std::to_string(block.raw) +
                                " octets uncompressed; at most " + std::to_string(kMaxTraceBlock) +
                                " are allowed");
  }
  return true;
}

bool TraceReader::check_sum(const Block& block) {
  const std::string_view stored = file_.substr(block.offset + kBlockHeaderOctets, block.stored);
  const std::string_view header = file_.substr(block.offset, kBlockHeaderOctets);
  if (crc_of(header.substr(0, 28), stored) == get_u32(header, 28)) return true;
  return fail(block.offset, "the checksum of the block " + show(block.tag) + " is wrong");
}

bool TraceReader::inflate_block(const Block& block, std::string& raw) {
  if (!check_sum(block)) return false;
  const std::string_view stored = file_.substr(block.offset + kBlockHeaderOctets, block.stored);
  raw.resize(block.raw);
  uLongf size = block.raw;
  const int code = uncompress(reinterpret_cast<Bytef*>(raw.data()), &size,
                              reinterpret_cast<const Bytef*>(stored.data()), stored.size());
  // uncompress() cannot fill an empty buffer; an empty block has nothing to give anyway.
  if ((code != Z_OK && block.raw > 0) || (code == Z_OK && size != block.raw)) {
    return fail(block.offset, "the block " + show(block.tag) + " cannot be uncompressed");
  }
  return true;
}

/// Remembers a block of events, reads a block of strings.
bool TraceReader::take_block(const Block& block) {
  raw_octets_ += block.raw;
  if (raw_octets_ > limits_.raw_octets) {
    return fail(block.offset, "the file is larger than " + std::to_string(limits_.raw_octets) +
                                  " octets uncompressed");
  }
  if (block.tag == "STRS") return read_strings(block);
  // A block of a later minor version; or one whose tag was damaged, so look before skipping it.
  if (block.tag != "EVTS") return check_sum(block);
  // An event takes seven octets at least.
  if (block.events > block.raw / 7) {
    return fail(block.offset + 24, "a block that says it has " + std::to_string(block.events) +
                                       " events in " + std::to_string(block.raw) + " octets");
  }
  const std::uint64_t expected = event_count() + 1;
  if (block.first != expected || block.events == 0 ||
      expected + block.events - 1 > trace::kMaxEvents) {
    return fail(block.offset + 12, "a block of " + std::to_string(block.events) +
                                       " events from number " + std::to_string(block.first) +
                                       "; number " + std::to_string(expected) + " comes next");
  }
  chunks_.push_back({block.offset, block.first, block.events, block.first_time_ns});
  return true;
}

bool TraceReader::read_strings(const Block& block) {
  std::string raw;
  if (!inflate_block(block, raw)) return false;
  string_blocks_.push_back(std::move(raw));
  OctetReader in(string_blocks_.back());
  const std::uint64_t first = in.varint();
  const std::uint64_t count = in.varint_up_to(in.left());
  if (!in.ok() || first != strings_.size() || strings_.size() + count > limits_.strings) {
    return fail(block.offset, "a block of " + std::to_string(count) + " strings from number " +
                                  std::to_string(first) + "; number " +
                                  std::to_string(strings_.size()) + " comes next");
  }
  for (std::uint64_t i = 0; i < count; ++i) strings_.push_back(in.string());
  const std::uint64_t first_host = in.varint();
  const std::uint64_t hosts = in.varint_up_to(kMaxHosts);
  if (in.ok() && (first_host != hosts_.size() || hosts_.size() + hosts > kMaxHosts + 1)) {
    return fail(block.offset, "a block of " + std::to_string(hosts) + " hosts from number " +
                                  std::to_string(first_host) + "; number " +
                                  std::to_string(hosts_.size()) + " comes next");
  }
  for (std::uint64_t i = 0; i < hosts && in.ok(); ++i) {
    const std::uint64_t number = in.varint_up_to(strings_.size() - 1);
    hosts_.push_back(in.ok() ? strings_[number] : std::string_view{});
  }
  if (in.ok() && in.at_end()) return true;
  return fail(block.offset, "the block of strings does not end where it should");
}

void TraceReader::scan() {
  std::uint64_t offset = blocks_begin_;
  while (offset < file_.size()) {
    Block block;
    if (!read_block_header(offset, block) || !take_block(block)) return;
    if (block.tag == "INDX") return;  // what follows is the trailer
    offset += block.size;
  }
  fail(offset, "the file ends early: it has no index at its end");
}

/// False without a problem: there is no index that can be used.
bool TraceReader::read_index() {
  if (file_.size() < blocks_begin_ + kTrailerOctets || !file_.ends_with(kTraceEndMagic)) {
    return false;
  }
  const std::uint64_t offset = get_little_endian(file_, file_.size() - kTrailerOctets, 8);
  if (offset < blocks_begin_ || offset > file_.size()) return false;
  Block index;
  std::string raw;
  if (!read_block_header(offset, index) || index.tag != "INDX" || !inflate_block(index, raw)) {
    problem_.reset();  // the scan will find out more
    return false;
  }
  OctetReader in(raw);
  const std::uint64_t count = in.varint_up_to(raw.size());
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    in.octets(1);  // the block's own header says the same; the entry serves readers that look for
    at += in.varint_up_to(file_.size());  // an instant without touching all the blocks
    in.varint();
    in.varint();
    in.signed_number();
    Block block;
    if (!in.ok() || at < blocks_begin_ || at >= offset) {
      return fail(offset,
                  "the index points to octet " + std::to_string(at) + ", where no block can be");
    }
    if (!read_block_header(at, block) || !take_block(block)) return false;
  }
  if (in.ok() && in.at_end()) return true;
  return fail(offset, "the index does not end where it should");
}

// ---- Events ----

std::uint64_t TraceReader::event_count() const {
  return chunks_.empty() ? 0 : std::uint64_t{chunks_.back().first} + chunks_.back().events - 1;
}

std::optional<std::size_t> TraceReader::chunk_of(trace::EventId id) const {
  if (id == 0 || id > event_count()) return std::nullopt;
  const auto after =
      std::upper_bound(chunks_.begin(), chunks_.end(), id,
                       [](trace::EventId wanted, const Chunk& c) { return wanted < c.first; });
  return static_cast<std::size_t>(after - chunks_.begin()) - 1;
}

std::optional<std::size_t> TraceReader::chunk_at(net::Time time) const {
  const std::int64_t ns = time.time_since_epoch().count();
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), ns,
      [](std::int64_t wanted, const Chunk& c) { return wanted < c.first_time_ns; });
  if (after == chunks_.begin()) return std::nullopt;
  return static_cast<std::size_t>(after - chunks_.begin()) - 1;
}

bool TraceReader::read_event(const Block& block, EventDecoder& d, ReadEvent& event) {
  OctetReader& in = d.in;
  event.id = d.next++;
  const std::uint64_t kind = in.varint();
  if (!in.ok() || kind >= kinds_.size()) {
    return fail(block.offset, "event " + std::to_string(event.id) + " has kind number " +
                                  std::to_string(kind) + "; the file has " +
                                  std::to_string(kinds_.size()) + " kinds");
  }
  event.kind = kinds_[kind].name;
  d.time_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(d.time_ns) +
                                        static_cast<std::uint64_t>(in.signed_number()));
  event.time_ns = d.time_ns;
  const std::uint64_t back = in.varint_up_to(event.id - 1);
  event.cause = back == 0 ? 0 : event.id - back;
  const std::uint64_t host = in.varint_up_to(hosts_.size() - 1);
  const std::uint64_t peer = in.varint_up_to(hosts_.size() - 1);
  const auto step = [&in](std::int64_t& last) {
    const std::uint64_t sum =
        static_cast<std::uint64_t>(last) + static_cast<std::uint64_t>(in.signed_number());
    last = static_cast<std::uint32_t>(sum);
    return static_cast<std::uint32_t>(sum);
  };
  event.connection = step(d.connection);
  event.message = step(d.message);
  event.fields.clear();
  for (const FieldOfFile& field : kinds_[kind].fields) {
    ReadField value{field.name, trace::Value(0)};
    if (field.type == 'i') {
      value.value = trace::Value(in.signed_number());
    } else if (field.type == 'b') {
      value.value = trace::Value(in.string());
    } else {
      value.value = trace::Value(strings_[in.varint_up_to(strings_.size() - 1)]);
    }
    event.fields.push_back(value);
  }
  if (!in.ok()) {
    return fail(block.offset, "event " + std::to_string(event.id) +
                                  " is cut off or refers to a host, string or event that is not "
                                  "in the file");
  }
  event.host = hosts_[host];
  event.peer = hosts_[peer];
  return true;
}

bool TraceReader::read_chunk(std::size_t chunk,
                             const std::function<bool(const ReadEvent&)>& visit) {
  Block block;
  std::string raw;
  if (!read_block_header(chunks_[chunk].offset, block) || !inflate_block(block, raw)) return false;
  EventDecoder decoder(raw, block.first, block.first_time_ns);
  ReadEvent event;
  for (std::uint32_t i = 0; i < block.events; ++i) {
    if (!read_event(block, decoder, event)) return false;
    if (!visit(event)) return true;
  }
  if (decoder.in.at_end()) return true;
  return fail(block.offset, "the block has " + std::to_string(decoder.in.left()) +
                                " octets behind its last event");
}

bool TraceReader::load(trace::Log& log) {
  for (std::size_t i = 1; i < hosts_.size(); ++i) log.host(hosts_[i]);
  LogBuilder builder(log);
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    bool fits = true;
    const bool whole = read_chunk(i, [&](const ReadEvent& event) {
      const std::string wrong = builder.add(event);
      fits = wrong.empty() || fail(chunks_[i].offset, wrong);
      return fits;
    });
    if (!whole || !fits) break;
  }
  unknown_ = builder.unknown_kinds();
  return !problem_.has_value();
}

}  // namespace mailscope::exporting
