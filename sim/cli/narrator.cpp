#include "sim/cli/narrator.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "sim/scenario/units.hpp"
#include "sim/story/caption.hpp"
#include "sim/story/story.hpp"

namespace mailscope::cli {
namespace {

/// Characters, counting each UTF-8 sequence as one column.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string cut(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  std::size_t count = 0, at = 0;
  while (at < text.size()) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && ++count >= width) break;
    ++at;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t have = columns(text);
  return std::string(text) + std::string(have < width ? width - have : 0, ' ');
}

/// Control characters of a hostile trace must not reach the terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += " / ";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += '?';
    else
      out += c;
  }
  return out;
}

struct Style {
  bool on;
  std::string paint(const char* code, const std::string& text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
};

const char* colour_of(const story::Step& step) {
  if (step.failure) return "31";
  if (step.trouble) return "33";
  switch (step.lane) {
    case story::Lane::dns:
      return "33";
    case story::Lane::smtp:
      return "34";
    case story::Lane::store:
    case story::Lane::read:
      return "32";
    case story::Lane::auth:
      return "35";
    default:
      return "0";
  }
}

class Narrator {
 public:
  Narrator(const trace::Log& log, const NarratorOptions& options)
      : log_(log), options_(options), style_{options.colour}, world_(story::read_world(log)) {}

  std::string tell() {
    const bool packets =
        options_.layer == trace::Layer::link || options_.layer == trace::Layer::transport;
    const story::Story story =
        story::tell(world_, log_, packets ? story::Granularity::packet : story::Granularity::wire);
    std::string out;
    std::size_t chapter = story.chapters.size();
    for (const story::Step& step : story.steps) {
      if (options_.layer && trace::info(step.kind).layer != *options_.layer) continue;
      if (step.chapter != chapter && step.chapter < story.chapters.size()) {
        chapter = step.chapter;
        out += "\n" +
               style_.paint("1", fmt::format("{}. {}", chapter + 1,
                                             printable(story.chapters[chapter].title))) +
               "\n";
      }
      out += line(step) + "\n";
    }
    return out;
  }

  std::string line(const story::Step& step) const {
    const std::string time =
        fmt::format("{:>10}", scenario::format_duration(net::Duration(step.time_ns)));
    std::string hosts = world_.name(step.from);
    if (step.to != 0 && step.to != step.from) hosts += " → " + world_.name(step.to);
    const story::Caption caption = story::caption(world_, log_, step.event);
    std::string what = printable(step.label);
    if (step.folded > 0) what += fmt::format(" (+{})", step.folded);
    std::string text =
        fmt::format("{}  {}", padded(cut(printable(hosts), 34), 34), padded(cut(what, 46), 46));
    const std::string why = printable(caption.bold);
    if (options_.cut) {
      const std::size_t used = columns(time) + 2 + columns(text) + 2;
      const std::size_t left = options_.width > used + 10 ? options_.width - used : 0;
      return style_.paint("2", time) + "  " + style_.paint(colour_of(step), text) +
             (left > 0 ? "  " + style_.paint("2", cut(why, left)) : "");
    }
    return time + "  " + style_.paint(colour_of(step), text) + "  " + style_.paint("2", why);
  }

 private:
  const trace::Log& log_;
  NarratorOptions options_;
  Style style_;
  story::World world_;
};

}  // namespace

std::string narrate(const trace::Log& log, const NarratorOptions& options) {
  return Narrator(log, options).tell();
}

std::string narrate_event(const trace::Log& log, trace::EventId id) {
  const story::World world = story::read_world(log);
  const trace::Event& event = log.at(id);
  const trace::KindInfo& kind = trace::info(event.kind);
  std::string fields;
  const auto values = log.values(id);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (kind.fields[i].type == trace::FieldType::bytes) continue;
    fields += fmt::format(" {}={}", kind.fields[i].name,
                          values[i].is_number ? std::to_string(values[i].number)
                                              : "\"" + printable(values[i].text) + "\"");
  }
  const auto since_start = log.size() > 0 ? log.time(id) - log.time(1) : net::Duration(0);
  return cut(fmt::format("{:>10}  #{} {} at {}:{}", scenario::format_duration(since_start), id,
                         kind.name, event.host == 0 ? "the world" : world.name(event.host), fields),
             200);
}

std::string narrate_failure(const trace::Log& log, const world::Verdict& verdict,
                            const std::string& file) {
  std::string out =
      fmt::format("{}:{}:{}: {}: expectation failed\n  expected  {}\n  found     {}\n", file,
                  verdict.place.line, verdict.place.column, verdict.place.pointer,
                  printable(verdict.expected), printable(verdict.found));
  if (!verdict.related.empty()) out += "  the last events that bear on it:\n";
  for (const trace::EventId id : verdict.related) out += "  " + narrate_event(log, id) + "\n";
  return out;
}

bool terminal_has_colour() {
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
         std::string_view(term) != "dumb";
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return 100;
}

}  // namespace mailscope::cli
