// The trace on disk: one documented, versioned, compressed binary form (docs/trace.md). Blocks of
// events can be read each on its own, so that a viewer reaches any instant without reading the
// rest.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/trace/log.hpp"
#include "sim/export/log_builder.hpp"

namespace mailscope::exporting {

inline constexpr std::string_view kTraceMagic = "MSTRACE1";
inline constexpr std::string_view kTraceEndMagic = "MSTREND1";

/// One block, uncompressed, octets. Writers stay near half a mebioctet, but a single event may hold
/// a whole message.
inline constexpr std::uint32_t kMaxTraceBlock = 128u << 20;

/// Writes a trace file, at once or while the log grows.
class TraceWriter {
 public:
  using Output = std::function<void(std::string_view octets)>;
  /// Writes the file's header. `log` must outlive the writer. What `output` throws goes through;
  /// std::length_error when an event does not fit in a block.
  TraceWriter(const trace::Log& log, Output output);
  /// Writes the events that came since the last call, as far as they fill whole blocks.
  void write_full_blocks();
  /// Writes the rest and the index. Without it the file is readable, but has no index.
  void finish();

 private:
  void write_header();
  void write_block(trace::EventId end);
  void write_strings();
  void emit(std::string_view tag, std::string_view raw, trace::EventId first, std::uint32_t events);
  void put(std::string_view octets);

  struct IndexEntry {
    char type;  // 'S' strings, 'E' events
    std::uint64_t offset;
    trace::EventId first;
    std::uint32_t events;
    std::int64_t time_ns;
  };
  const trace::Log& log_;
  Output output_;
  std::uint64_t offset_ = 0;
  trace::EventId next_ = 1;  // first event that is not in a block yet
  std::string raw_;          // events of the block that is being filled
  trace::EventId raw_first_ = 1;
  std::int64_t last_time_ = 0;
  std::uint32_t last_connection_ = 0;
  std::uint32_t last_message_ = 0;
  trace::StringTable strings_;
  std::uint32_t strings_written_ = 1;  // string 0 is "" and needs no writing
  trace::HostId hosts_written_ = 0;
  std::vector<IndexEntry> index_;
};

/// The whole of `log` as a trace file.
std::string write_trace(const trace::Log& log);

/// What is wrong with a file, and where.
struct TraceProblem {
  std::uint64_t offset = 0;  // octets from the start of the file
  std::string what;
  std::string to_string() const;
};

/// What reading may cost, so that a small hostile file cannot ask for much.
struct TraceLimits {
  std::uint64_t raw_octets = 8ULL << 30;  // of all blocks, uncompressed
  std::uint64_t strings = 100'000'000;
};

/// Reads a trace file from memory (a mapped file). The octets must outlive the reader.
///
///   TraceReader reader(octets);
///   trace::Log log;
///   reader.load(log);
///   if (reader.problem()) ...   // the log holds what came before the problem
class TraceReader {
 public:
  struct Chunk {
    std::uint64_t offset = 0;  // of the block
    trace::EventId first = 0;
    std::uint32_t events = 0;
    std::int64_t first_time_ns = 0;
  };

  explicit TraceReader(std::string_view file, TraceLimits limits = {});
  TraceReader(const TraceReader&) = delete;
  TraceReader& operator=(const TraceReader&) = delete;

  /// What is wrong, if anything. A file that ends early (its writer was killed) or is damaged is
  /// readable up to there.
  const std::optional<TraceProblem>& problem() const { return problem_; }
  /// True when the index at the end was there and used.
  bool indexed() const { return indexed_; }
  /// "mailscope 0.1.0": the program that wrote the file.
  const std::string& producer() const { return producer_; }
  const std::vector<Chunk>& chunks() const { return chunks_; }
  std::uint64_t event_count() const;

  /// Number of the chunk that holds the event, or the last instant not after `time`; nullopt when
  /// there is none. For moving about in a large file.
  std::optional<std::size_t> chunk_of(trace::EventId id) const;
  std::optional<std::size_t> chunk_at(net::Time time) const;
  /// Calls `visit` for each event of the chunk until it returns false. False: the chunk is damaged
  /// (see problem()); events before the damage were visited.
  bool read_chunk(std::size_t chunk, const std::function<bool(const ReadEvent&)>& visit);

  /// Reads everything into `log`, which must be empty. False: see problem().
  bool load(trace::Log& log);
  /// Kinds that load() left out because this version does not know them.
  const std::map<std::string, std::uint64_t>& unknown_kinds() const { return unknown_; }

 private:
  struct FieldOfFile {
    std::string name;
    char type = 'i';
  };
  struct KindOfFile {
    std::string name;
    std::vector<FieldOfFile> fields;
  };
  struct Block {
    std::string tag;
    std::uint64_t offset = 0, size = 0;  // size with its header
    std::uint32_t stored = 0, raw = 0, events = 0;
    trace::EventId first = 0;
    std::int64_t first_time_ns = 0;
  };

  bool fail(std::uint64_t offset, std::string what);
  bool read_header();
  bool read_kinds(std::string_view payload);
  bool read_index();
  void scan();
  bool read_block_header(std::uint64_t offset, Block& block);
  bool check_sum(const Block& block);
  bool inflate_block(const Block& block, std::string& raw);
  bool take_block(const Block& block);
  bool read_strings(const Block& block);
  bool read_event(const Block& block, class EventDecoder& decoder, ReadEvent& event);
  friend class EventDecoder;

  std::string_view file_;
  TraceLimits limits_;
  std::optional<TraceProblem> problem_;
  bool indexed_ = false;
  std::uint64_t blocks_begin_ = 0;
  std::uint64_t raw_octets_ = 0;
  std::string producer_;
  std::vector<KindOfFile> kinds_;
  std::deque<std::string> string_blocks_;  // uncompressed; strings_ points into them, so a deque
  std::vector<std::string_view> strings_{std::string_view{}};
  std::vector<std::string_view> hosts_{std::string_view{}};
  std::vector<Chunk> chunks_;
  std::map<std::string, std::uint64_t> unknown_;
};

}  // namespace mailscope::exporting
