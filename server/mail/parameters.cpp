#include "server/mail/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::mail {
namespace {

constexpr std::size_t kMaxSectionDigits = 3;  // of a continuation; more than kMaxParameters holds

/// End of the quoted string that begins at `at`: behind its closing quote, or the end of the text.
std::size_t quoted_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

std::size_t comment_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '(') {
      ++depth;
    } else if (text[at] == ')' && --depth == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

/// One line, comments outside of quoted strings removed. A '(' that is never closed is text.
std::string without_comments(std::string_view raw) {
  const std::string text = unfold(raw);
  std::string out;
  bool comments = true;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t next = i + 1;
    if (text[i] == '"') {
      next = quoted_end(text, i);
      out.append(text, i, next - i);
    } else if (const std::size_t end = comments && text[i] == '(' ? comment_end(text, i) : 0) {
      comments = end != std::string_view::npos;  // looked for once, so that time stays linear
      if (comments) next = end;
      out += comments ? ' ' : text[i];
    } else {
      out += text[i];
    }
    i = next;
  }
  return out;
}

/// `text` up to the next ';' outside of quoted strings; takes it off `text`.
std::string_view take_segment(std::string_view& text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != ';') at = text[at] == '"' ? quoted_end(text, at) : at + 1;
  const std::string_view segment = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return trim(segment);
}

/// A quoted string's meaning, or the text as it is: many programs forget the quotes.
std::string parameter_value(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  std::string out;
  for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

/// One parameter as written, its name taken apart (RFC 2231 section 3 and 4: "name*2*").
struct Piece {
  std::string name;
  std::optional<int> section;  // "name*" alone is section 0
  bool extended = false;       // percent encoded; section 0 begins with charset and language
  std::string value;
};

Piece take_apart(std::string_view name, std::string value) {
  Piece piece{
      .name = std::string(name), .section = {}, .extended = false, .value = std::move(value)};
  const std::size_t star = name.find('*');
  if (star == std::string_view::npos || star == 0) return piece;
  std::string_view rest = name.substr(star + 1);
  const bool extended = rest.empty() || rest.ends_with('*');
  if (rest.ends_with('*')) rest.remove_suffix(1);
  int section = 0;
  const bool numeric = !rest.empty() && rest.size() <= kMaxSectionDigits &&
                       std::ranges::all_of(rest, is_digit) && (rest == "0" || rest.front() != '0');
  if (!rest.empty() && !numeric) return piece;
  if (numeric) std::from_chars(rest.data(), rest.data() + rest.size(), section);
  piece.name = std::string(name.substr(0, star));
  piece.section = section;
  piece.extended = extended;
  return piece;
}

std::string harmless(std::string text) {
  std::ranges::replace_if(text, is_control, ' ');
  return text;
}

/// The pieces of one name, by rising section; what follows a gap is not used.
std::string join(const std::vector<const Piece*>& pieces) {
  std::string octets;
  std::string charset = "utf-8";
  int next = 0;
  for (const Piece* piece : pieces) {
    if (*piece->section < next) continue;  // said twice: the first holds
    if (*piece->section > next) break;
    ++next;
    std::string_view text = piece->value;
    if (piece->extended && *piece->section == 0) {
      const std::size_t first = text.find('\'');
      const std::size_t second =
          first == std::string_view::npos ? first : text.find('\'', first + 1);
      if (second != std::string_view::npos) {
        if (first > 0) charset = std::string(text.substr(0, first));
        text.remove_prefix(second + 1);
      }
    }
    octets += piece->extended ? percent_decode(text) : std::string(text);
  }
  const auto converted = to_utf8(octets, charset);
  return harmless(converted ? *converted : repair_utf8(octets));
}

std::string plain_value(const Piece& piece) {
  if (piece.name == "boundary") return piece.value;  // octets that lines are compared with
  // RFC 2047 section 5 (3) forbids encoded words here, but file names have them all the same.
  if (piece.name == "name" || piece.name == "filename") return harmless(decode_words(piece.value));
  return harmless(repair_utf8(piece.value));
}

/// All that was said of one parameter.
struct Group {
  const Piece* plain = nullptr;
  std::vector<const Piece*> sections;  // rising
  const std::string& name() const {
    return plain != nullptr ? plain->name : sections.front()->name;
  }
  /// Has the first of its continuations, without which the others mean nothing.
  bool sectioned() const { return !sections.empty() && *sections.front()->section == 0; }
};

/// In order of first appearance.
std::vector<Group> grouped(const std::vector<Piece>& pieces) {
  // Through sorted indexes: first by name, then section, then appearance.
  std::vector<const Piece*> sorted;
  for (const Piece& piece : pieces) sorted.push_back(&piece);
  std::ranges::stable_sort(sorted, [](const Piece* a, const Piece* b) {
    return std::pair(std::string_view(a->name), a->section.value_or(-1)) <
           std::pair(std::string_view(b->name), b->section.value_or(-1));
  });
  std::vector<Group> out;
  for (const Piece& piece : pieces) {
    if (std::ranges::any_of(out, [&](const Group& done) { return done.name() == piece.name; }))
      continue;
    Group group;
    auto at = std::ranges::lower_bound(sorted, std::string_view(piece.name), {},
                                       [](const Piece* p) { return std::string_view(p->name); });
    for (; at != sorted.end() && (*at)->name == piece.name; ++at) {
      if ((*at)->section) {
        group.sections.push_back(*at);
      } else if (group.plain == nullptr) {
        group.plain = *at;
      }
    }
    out.push_back(std::move(group));
  }
  return out;
}

Parameters decode(const std::vector<Piece>& pieces) {
  Parameters out;
  for (const Group& group : grouped(pieces)) {
    // Both forms are sent for the sake of old readers; the extended one says more.
    if (group.sectioned())
      out.emplace_back(group.name(), join(group.sections));
    else if (group.plain != nullptr)
      out.emplace_back(group.name(), plain_value(*group.plain));
  }
  return out;
}

/// RFC 2231 section 6: a server joins continuations; charsets are the client's matter.
std::pair<std::string, std::string> joined_sections(const Group& group) {
  const bool extended =
      std::ranges::any_of(group.sections, [](const Piece* piece) { return piece->extended; });
  std::string value;
  int next = 0;
  for (const Piece* piece : group.sections) {
    if (*piece->section < next) continue;
    if (*piece->section > next) break;
    if (extended && next == 0 && !piece->extended) value = "''";  // no charset was given
    ++next;
    value += extended && !piece->extended ? percent_encode(piece->value) : piece->value;
  }
  return {group.name() + (extended ? "*" : ""), std::move(value)};
}

Parameters joined(const std::vector<Piece>& pieces) {
  Parameters out;
  for (const Group& group : grouped(pieces)) {
    if (group.plain != nullptr) out.emplace_back(group.name(), group.plain->value);
    if (group.sectioned()) out.push_back(joined_sections(group));
  }
  return out;
}

}  // namespace

bool is_mime_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && is_ascii(c) && c != 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
  });
}

std::string_view parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

ContentValue parse_content_value(std::string_view raw, ParameterForm form) {
  const std::string clean = without_comments(raw);
  std::string_view rest = clean;
  ContentValue content;
  content.value = lower(take_segment(rest));
  std::vector<Piece> pieces;
  for (std::size_t count = 0; !rest.empty() && count < kMaxParameters; ++count) {
    const std::string_view segment = take_segment(rest);
    const std::size_t equals = segment.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = lower(trim(segment.substr(0, equals)));
    if (!is_mime_token(name)) continue;
    std::string value = parameter_value(trim(segment.substr(equals + 1)));
    pieces.push_back(take_apart(name, std::move(value)));
  }
  content.parameters = form == ParameterForm::decoded ? decode(pieces) : joined(pieces);
  return content;
}

}  // namespace mailscope::mail
