// zlib, used so that its result depends on the octets alone and not on how they were cut.
#include "server/imap/deflate.hpp"

#include <zlib.h>

#include <stdexcept>

#include "server/imap/limits.hpp"

namespace mailscope::imap {
namespace {

constexpr int kRaw = -15;  // zlib: no header, window of 32 KB
constexpr int kMemory = 8;
// Bits of data_type: where inflate() has stopped.
constexpr int kBehindBlock = 128;
constexpr int kInLastBlock = 64;

Bytef* octets(std::string_view text) {
  // zlib only reads what it is given as input, but says so in no type.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

struct Deflate::Streams {
  z_stream out{};
  z_stream in{};
  Streams() {
    if (deflateInit2(&out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRaw, kMemory, Z_DEFAULT_STRATEGY) !=
            Z_OK ||
        inflateInit2(&in, kRaw) != Z_OK) {
      throw std::runtime_error("no memory for compression");
    }
  }
  ~Streams() {
    deflateEnd(&out);
    inflateEnd(&in);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
};

Deflate::Deflate() : streams_(std::make_unique<Streams>()) {}
Deflate::~Deflate() = default;

std::string Deflate::pack(std::string_view plain) {
  std::string packed;
  if (plain.empty()) return packed;
  z_stream& stream = streams_->out;
  stream.next_in = octets(plain);
  stream.avail_in = static_cast<uInt>(plain.size());
  do {
    const std::size_t before = packed.size();
    packed.resize(before + kInflatePiece);
    stream.next_out = octets(std::string_view(packed).substr(before));
    stream.avail_out = static_cast<uInt>(kInflatePiece);
    deflate(&stream, Z_SYNC_FLUSH);
    packed.resize(packed.size() - stream.avail_out);
  } while (stream.avail_out == 0);
  return packed;
}

void Deflate::feed(std::string_view packed) {
  packed_.erase(0, next_);
  next_ = 0;
  packed_ += packed;
  octets_in_ += packed.size();
}

Deflate::Status Deflate::unpack(std::string& out) {
  z_stream& stream = streams_->in;
  const std::size_t before = out.size();
  out.resize(before + kInflatePiece);
  stream.next_in = octets(std::string_view(packed_).substr(next_));
  stream.avail_in = static_cast<uInt>(packed_.size() - next_);
  stream.next_out = octets(std::string_view(out).substr(before));
  stream.avail_out = static_cast<uInt>(kInflatePiece);
  int result = inflate(&stream, Z_BLOCK);
  // Behind the last block, only the next call says that it was that.
  constexpr int kBehindLastBlock = kBehindBlock + kInLastBlock;
  if (result == Z_OK && (stream.data_type & kBehindLastBlock) == kBehindLastBlock)
    result = inflate(&stream, Z_BLOCK);
  out.resize(out.size() - stream.avail_out);
  next_ = packed_.size() - stream.avail_in;
  octets_out_ += out.size() - before;
  ended_ = result == Z_STREAM_END;
  inside_ = (stream.data_type & kBehindBlock) == 0;
  // Z_BUF_ERROR: there was nothing to do, which is no error.
  if (!ended_ && result != Z_OK && result != Z_BUF_ERROR) return Status::broken;
  if (octets_out_ > kInflateSlack + kMaxInflateRatio * octets_in_) return Status::broken;
  if (ended_) return Status::ended;
  const bool more = stream.avail_out == 0 || (stream.avail_in > 0 && result == Z_OK);
  return more ? Status::piece : Status::need_more;
}

std::string Deflate::take_rest() {
  if (!ended_ && !skip_flush()) return {};
  ended_ = true;
  std::string rest = packed_.substr(next_);
  packed_.clear();
  next_ = 0;
  return rest;
}

// The rest of the block in hand, which belongs to nobody. False: more of it has to come.
bool Deflate::skip_block() {
  z_stream& stream = streams_->in;
  while (inside_ && !ended_) {
    char sink[256];
    stream.next_in = octets(std::string_view(packed_).substr(next_));
    stream.avail_in = static_cast<uInt>(waiting());
    stream.next_out = octets({sink, sizeof sink});
    stream.avail_out = sizeof sink;
    const int result = inflate(&stream, Z_BLOCK);
    next_ = packed_.size() - stream.avail_in;
    inside_ = (stream.data_type & kBehindBlock) == 0;
    ended_ = result == Z_STREAM_END || (result != Z_OK && result != Z_BUF_ERROR);
    if (inside_ && !ended_ && stream.avail_out == sizeof sink) return false;
  }
  return true;
}

// A flush is a block without contents; whoever ended the stream has sent none. False: more of it
// has to come before that can be told.
bool Deflate::skip_flush() {
  if (!skip_block()) return false;
  if (ended_) return true;
  if (waiting() == 0) return false;
  z_stream flush{};
  if (inflateCopy(&flush, &streams_->in) != Z_OK)
    throw std::runtime_error("no memory for compression");
  char none = 0;
  flush.next_in = octets(std::string_view(packed_).substr(next_));
  flush.avail_in = static_cast<uInt>(waiting());
  flush.next_out = octets({&none, 1});
  flush.avail_out = 1;
  const int result = inflate(&flush, Z_BLOCK);
  const bool whole =
      result == Z_STREAM_END || (result == Z_OK && (flush.data_type & kBehindBlock) != 0);
  const bool empty = flush.avail_out == 1;
  const bool undecided = empty && !whole && result != Z_DATA_ERROR && flush.avail_in == 0;
  if (empty && whole) next_ = packed_.size() - flush.avail_in;
  inflateEnd(&flush);
  return !undecided;
}

}  // namespace mailscope::imap
