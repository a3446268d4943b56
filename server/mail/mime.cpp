// The tree of a message's parts (RFC 2046 section 5.1), found in one pass: every line is looked at
// once, against the boundaries that are open at that point.
//
//   Content-Type: multipart/mixed; boundary=b
//
//   --b                       delimiter: a part begins
//   Content-Type: text/plain
//
//   Hello
//   --b--                     close delimiter: the epilogue follows
#include "server/mail/mime.hpp"

#include <optional>

#include "server/mail/encoding.hpp"
#include "server/mail/parameters.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

/// Octets of a boundary. RFC 2046 section 5.1.1 allows 70; some programs send more.
constexpr std::size_t kMaxBoundary = 200;

/// What ended a part: the delimiter line of an open multipart, or the end of the message.
struct Stop {
  static constexpr std::size_t kEnd = static_cast<std::size_t>(-1);
  std::size_t level = kEnd;  // index of the boundary in the stack
  bool closing = false;
  std::size_t line_begin = 0;   // of the delimiter line
  std::size_t content_end = 0;  // the line end before the delimiter belongs to the delimiter
  std::size_t lines = 0;        // line ends before content_end
};

class StructureParser {
 public:
  StructureParser(std::string_view message, const MimeLimits& limits)
      : message_(message), limits_(limits) {}

  Part run() {
    Part root;
    parse(root, 0, false);
    return root;
  }

 private:
  Stop parse(Part& part, std::size_t depth, bool in_digest) {
    ++parts_;
    part.header_begin = at_;
    const std::optional<Stop> cut = skip_header();
    part.body_begin = cut ? cut->line_begin : at_;
    part.header = parse_header(
        message_.substr(part.header_begin, part.body_begin - part.header_begin), limits_);
    read_content_fields(part, in_digest);
    if (cut) {
      part.body_end = part.body_begin;
      if (part.is_multipart() || part.is_message()) become_leaf(part, "text", "plain");
      return *cut;
    }
    const std::size_t lines_before = lines_;
    const Stop stop = parse_body(part, depth);
    // An empty body, or an empty last part, ends where the delimiter line begins: the line end
    // before that is then part of a header or of another delimiter.
    const std::size_t least = part.parts.empty() ? part.body_begin : part.parts.back().body_end;
    part.body_end = std::max(stop.content_end, least);
    const std::size_t lines = stop.lines + (part.body_end > stop.content_end ? 1 : 0);
    part.body_lines = lines > lines_before ? lines - lines_before : 0;
    return stop;
  }

  Stop parse_body(Part& part, std::size_t depth) {
    if (!part.is_multipart() && !part.is_message()) return skip_to_delimiter();
    if (depth >= limits_.depth || parts_ >= limits_.parts) {
      become_leaf(part, "application", "octet-stream");
      return skip_to_delimiter();
    }
    if (part.is_message()) return parse(part.parts.emplace_back(), depth + 1, false);
    std::string boundary(parameter(part.parameters, "boundary"));
    while (!boundary.empty() && is_wsp(boundary.back())) boundary.pop_back();
    if (boundary.empty() || boundary.size() > kMaxBoundary) {
      become_leaf(part, "text", "plain");
      return skip_to_delimiter();
    }
    return parse_multipart(part, depth, std::move(boundary));
  }

  Stop parse_multipart(Part& part, std::size_t depth, std::string boundary) {
    const std::size_t level = boundaries_.size();
    boundaries_.push_back(std::move(boundary));
    Stop stop = skip_to_delimiter();  // the preamble
    while (stop.level == level && !stop.closing) {
      stop = parse(part.parts.emplace_back(), depth + 1, part.subtype == "digest");
    }
    boundaries_.pop_back();
    // A closed multipart has an epilogue, up to a delimiter of those around it.
    if (stop.level == level) stop = skip_to_delimiter();
    if (part.parts.empty()) become_leaf(part, "text", "plain");
    return stop;
  }

  /// A part that cannot be opened must not claim to hold others.
  static void become_leaf(Part& part, std::string_view type, std::string_view subtype) {
    part.type = type;
    part.subtype = subtype;
    part.parts.clear();
    part.parameters.clear();
    if (type == "text") part.parameters.emplace_back("charset", "us-ascii");
  }

  /// Up to behind the empty line. A delimiter ends a header that has none.
  std::optional<Stop> skip_header() {
    while (at_ < message_.size()) {
      const std::size_t begin = at_;
      const std::string_view line = next_line();
      if (line.empty()) return std::nullopt;
      if (auto stop = match(line, begin)) return stop;
    }
    return std::nullopt;
  }

  Stop skip_to_delimiter() {
    while (at_ < message_.size()) {
      const std::size_t begin = at_;
      if (auto stop = match(next_line(), begin)) return *stop;
    }
    return {.level = Stop::kEnd,
            .closing = false,
            .line_begin = at_,
            .content_end = at_,
            .lines = lines_};
  }

  /// The next line without its end.
  std::string_view next_line() {
    const std::size_t begin = at_;
    const std::size_t end = message_.find('\n', begin);
    if (end == std::string_view::npos) {
      at_ = message_.size();
      return message_.substr(begin);
    }
    at_ = end + 1;
    ++lines_;
    const bool cr = end > begin && message_[end - 1] == '\r';
    return message_.substr(begin, end - begin - (cr ? 1 : 0));
  }

  /// RFC 2046 section 5.1.1: a line that begins with "--" and a boundary is a delimiter, whatever
  /// follows. Boundaries may be prefixes of each other: the longest that fits is meant, and of
  /// equal ones the innermost.
  std::optional<Stop> match(std::string_view line, std::size_t begin) const {
    if (boundaries_.empty() || !line.starts_with("--")) return std::nullopt;
    line.remove_prefix(2);
    std::optional<std::size_t> best;
    for (std::size_t level = boundaries_.size(); level-- > 0;) {
      if (!line.starts_with(boundaries_[level])) continue;
      if (!best || boundaries_[level].size() > boundaries_[*best].size()) best = level;
    }
    if (!best) return std::nullopt;
    Stop stop{.level = *best,
              .closing = line.substr(boundaries_[*best].size()).starts_with("--"),
              .line_begin = begin,
              .content_end = begin,
              .lines = 0};
    // No more parts: what would begin one belongs to the last.
    if (!stop.closing && parts_ >= limits_.parts) return std::nullopt;
    const bool line_has_end = at_ > begin && message_[at_ - 1] == '\n';
    stop.lines = lines_ - (line_has_end ? 1 : 0);
    if (begin > 0) {
      --stop.content_end;
      --stop.lines;
      if (stop.content_end > 0 && message_[stop.content_end - 1] == '\r') --stop.content_end;
    }
    return stop;
  }

  void read_content_fields(Part& part, bool in_digest) const {
    part.type = "text";
    part.subtype = "plain";
    if (in_digest) {  // RFC 2046 section 5.1.5
      part.type = "message";
      part.subtype = "rfc822";
    }
    if (const Field* field = part.header.find("Content-Type")) {
      ContentValue content = parse_content_value(field->value);
      const std::string_view full = content.value;
      const std::size_t slash = full.find('/');
      const std::string_view type = trim(full.substr(0, slash));
      const std::string_view subtype =
          slash == std::string_view::npos ? "" : trim(full.substr(slash + 1));
      if (is_mime_token(type) && is_mime_token(subtype)) {
        part.type = type;
        part.subtype = subtype;
        part.parameters = std::move(content.parameters);
      } else {  // RFC 2045 section 5.2: broken is as good as missing
        part.type = "text";
        part.subtype = "plain";
      }
    }
    if (part.type == "text" && parameter(part.parameters, "charset").empty()) {
      part.parameters.emplace_back("charset", "us-ascii");
    }
    if (const Field* field = part.header.find("Content-Transfer-Encoding")) {
      part.encoding = parse_content_value(field->value).value;
      if (part.encoding.empty()) part.encoding = "7bit";
    }
    if (const Field* field = part.header.find("Content-Disposition")) {
      ContentValue content = parse_content_value(field->value);
      part.disposition = std::move(content.value);
      part.disposition_parameters = std::move(content.parameters);
    }
  }

  std::string_view message_;
  const MimeLimits& limits_;
  std::size_t at_ = 0;
  std::size_t lines_ = 0;  // line ends before at_
  std::size_t parts_ = 0;
  std::vector<std::string> boundaries_;  // of the open multiparts, outermost first
};

}  // namespace

Part parse_message(std::string_view message, const MimeLimits& limits) {
  return StructureParser(message, limits).run();
}

std::string decode_body(const Part& part, std::string_view message) {
  const std::string_view body = part.body(message);
  // RFC 2045 section 6.4: an encoding of a composite type would be an error; it is not undone.
  if (!part.parts.empty()) return std::string(body);
  if (part.encoding == "base64") return base64_decode(body);
  if (part.encoding == "quoted-printable") return quoted_printable_decode(body);
  return std::string(body);
}

}  // namespace mailscope::mail
