// Reading mbox files: where a message begins, which of its lines are flags, what was quoted.
#include <charconv>
#include <optional>
#include <stdexcept>
#include <vector>

#include "server/mail/text.hpp"
#include "sim/export/line_ends.hpp"
#include "sim/export/mbox.hpp"
#include "sim/export/mbox_fields.hpp"

namespace mailscope::exporting {

namespace {

/// Octets of one message that are taken into memory; larger ones are no mail.
constexpr std::size_t kMaxMessage = 256u << 20;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "09:00" or "09:00:30".
std::optional<std::chrono::seconds> clock_time(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  if (text[2] != ':' || (text.size() == 8 && text[5] != ':')) return std::nullopt;
  const auto hour = number(text.substr(0, 2));
  const auto minute = number(text.substr(3, 2));
  const auto second = text.size() == 8 ? number(text.substr(6)) : std::optional(0);
  if (!hour || !minute || !second || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 ||
      *second < 0 || *second > 60) {
    return std::nullopt;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

/// The time of "From alice@acme.example Mon Mar  2 09:00:00 2026"; nullopt: it is no such line.
std::optional<net::Time> from_line(std::string_view line) {
  if (!line.starts_with("From ")) return std::nullopt;
  const auto words = words_of(line.substr(5));
  for (std::size_t i = 0; i + 3 < words.size(); ++i) {
    const auto month = std::find(kMonths.begin(), kMonths.end(), words[i]);
    if (month == kMonths.end()) continue;
    const auto day = number(words[i + 1]);
    const auto time = clock_time(words[i + 2]);
    // A zone may stand before the year; what it says differs too much between programs to be used.
    auto year = number(words[i + 3]);
    if ((!year || *year < 1970) && i + 4 < words.size()) year = number(words[i + 4]);
    if (!day || !time || !year || *year < 1970 || *year > 2261) continue;
    const std::chrono::year_month_day date{
        std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
        std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) continue;
    return net::Time(std::chrono::sys_days(date)) + *time;
  }
  return std::nullopt;
}

/// The value of `line` when it is that field.
std::optional<std::string_view> field_value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      !mail::iequals(line.substr(0, name.size()), name)) {
    return std::nullopt;
  }
  return mail::trim(line.substr(name.size() + 1));
}

/// True when the line is one of the fields that hold flags; then they are added.
bool take_flags(std::string_view line, store::Flags& flags) {
  if (const auto status = field_value(line, "Status")) {
    if (status->find('R') != std::string_view::npos) flags.system |= store::kSeen;
    return true;
  }
  if (const auto status = field_value(line, "X-Status")) {
    for (const auto& [flag, letter] : kStatusLetters) {
      if (status->find(letter) != std::string_view::npos) flags.system |= flag;
    }
    return true;
  }
  if (const auto keywords = field_value(line, "X-Keywords")) {
    for (const std::string_view word : words_of(*keywords)) flags.keywords.emplace_back(word);
    return true;
  }
  return false;
}

std::string_view cut_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, std::min(end + 1, text.size()));
  text.remove_prefix(line.size());
  return line;
}

/// Our three flag fields, in our order, at the top: only these are removed.
bool take_top_fields(std::string_view& text, store::Flags& flags) {
  std::string_view rest = text;
  store::Flags found;
  for (const std::string_view name : {"Status", "X-Status", "X-Keywords"}) {
    const std::string_view line = cut_line(rest);
    if (!field_value(line, name) || !take_flags(line, found)) return false;
  }
  text = rest;
  flags = std::move(found);
  return true;
}

std::string unquoted(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::string_view line = cut_line(text);
    const std::size_t quotes = std::min(line.find_first_not_of('>'), line.size());
    if (quotes > 0 && line.substr(quotes).starts_with("From ")) line.remove_prefix(1);
    out += line;
  }
  return out;
}

/// `text`: the lines of one message without its From line and the empty line at its end.
FiledMessage interpret(std::string_view text, net::Time date) {
  FiledMessage message;
  message.date = date;
  const bool raw = text.starts_with(kRawLine);
  if (raw) text.remove_prefix(kRawLine.size());
  if (take_top_fields(text, message.flags)) {
    message.octets = unquoted(text);
    if (raw && message.octets.ends_with('\n')) message.octets.pop_back();
    if (!raw) message.octets = with_crlf(message.octets);
    return message;
  }
  // Another program's: the fields stand anywhere in the header.
  std::string header;
  while (!text.empty()) {
    const std::string_view line = cut_line(text);
    if (!take_flags(line, message.flags)) header += line;
    if (mail::trim(line).empty()) break;
  }
  message.octets = with_crlf(unquoted(header + std::string(text)));
  return message;
}

}  // namespace

void read_mbox(std::istream& in, std::string_view file,
               const std::function<void(FiledMessage)>& take) {
  std::string line;
  std::string text;
  std::optional<net::Time> date;
  bool after_empty = true;  // a message begins at the start or behind an empty line
  const auto finish = [&] {
    if (!date) return;
    // The empty line belongs to the file, not to the message.
    if (text.ends_with("\r\n\r\n") || text == "\r\n") {
      text.resize(text.size() - 2);
    } else if (text.ends_with("\n\n") || text == "\n") {
      text.pop_back();
    }
    take(interpret(text, *date));
    text.clear();
  };
  while (std::getline(in, line)) {
    if (after_empty) {
      if (const auto found = from_line(line)) {
        finish();
        date = found;
        after_empty = false;
        continue;
      }
    }
    if (!date && !line.empty()) {
      throw std::runtime_error(std::string(file) +
                               " is no mbox file: it does not begin with a line as \"From "
                               "alice@acme.example Mon Mar  2 09:00:00 2026\"");
    }
    after_empty = line.empty() || line == "\r";
    text += line;
    if (!in.eof()) text += '\n';
    if (text.size() > kMaxMessage) {
      throw std::runtime_error(std::string(file) + ": a message has more than 256 MB");
    }
  }
  finish();
}

}  // namespace mailscope::exporting
