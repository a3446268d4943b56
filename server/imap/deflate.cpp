// zlib, used so that its result depends on the octets alone and not on how they were cut.
#include "server/imap/deflate.hpp"

#include <zlib.h>

#include <stdexcept>

#include "server/imap/limits.hpp"

namespace mailscope::imap {
namespace {

constexpr int kRaw = -15;  // zlib: no header, window of 32 KB
constexpr int kMemory = 8;

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
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  next_ = packed_.size() - stream.avail_in;
  octets_out_ += out.size() - before;
  // Z_BUF_ERROR: there was nothing to do, which is no error.
  if (result != Z_OK && result != Z_BUF_ERROR) return Status::broken;
  if (octets_out_ > kInflateSlack + kMaxInflateRatio * octets_in_) return Status::broken;
  return stream.avail_out == 0 ? Status::piece : Status::need_more;
}

}  // namespace mailscope::imap
