// Reading NDJSON back. Lines come from other tools, so everything is checked and every complaint
// names its line.
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>

#include "server/mail/encoding.hpp"
#include "sim/export/log_builder.hpp"
#include "sim/export/ndjson.hpp"

namespace mailscope::exporting {

namespace {

using Json = nlohmann::json;

/// Octets of a line; above the largest event that a trace file takes, in base64.
constexpr std::size_t kMaxLine = 192u << 20;

/// One line as an event. Views in the event point into the line's JSON or into `decoded_`.
class LineReader {
 public:
  /// Empty, or what is wrong.
  std::string read(std::string_view line) {
    json_ = Json::parse(line, nullptr, false);
    decoded_.clear();
    event_ = {};
    if (json_.is_discarded()) return "not a JSON value";
    if (!json_.is_object()) return "not a JSON object";
    std::string wrong;
    for (auto member = json_.begin(); member != json_.end() && wrong.empty(); ++member) {
      wrong = read_member(member.key(), member.value());
    }
    if (!wrong.empty()) return wrong;
    if (event_.id == 0) return "the member \"id\" is missing";
    if (event_.kind.empty()) return "the member \"kind\" is missing";
    if (!has_time_) return "the member \"t_ns\" is missing";
    return {};
  }
  const ReadEvent& event() const { return event_; }

 private:
  std::string read_member(const std::string& name, const Json& value) {
    if (name == "id") return read_number(name, value, 0xFFFFFFFFFFFFU, event_.id);
    if (name == "cause") return read_number(name, value, 0xFFFFFFFFFFFFU, event_.cause);
    if (name == "connection") return read_number(name, value, 0xFFFFFFFFU, event_.connection);
    if (name == "message") return read_number(name, value, 0xFFFFFFFFU, event_.message);
    if (name == "t_ns") {
      has_time_ = true;
      return read_integer(name, value, event_.time_ns);
    }
    if (name == "kind") return read_text(name, value, event_.kind);
    if (name == "host") return read_text(name, value, event_.host);
    if (name == "peer") return read_text(name, value, event_.peer);
    if (name == "fields") return read_fields(value);
    return {};  // "layer" follows from the kind; others may be added by whoever writes such lines
  }

  template <typename T>
  static std::string read_number(const std::string& name, const Json& value, std::uint64_t limit,
                                 T& out) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > limit) {
      return "\"" + name + "\" is not a whole number from 0 to " + std::to_string(limit);
    }
    out = static_cast<T>(value.get<std::uint64_t>());
    return {};
  }

  static std::string read_integer(const std::string& name, const Json& value, std::int64_t& out) {
    if (!value.is_number_integer() ||
        (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
      return "\"" + name + "\" is not a whole number of 64 bits";
    }
    out = value.get<std::int64_t>();
    return {};
  }

  /// A string, or octets as {"text":...} or {"base64":...}.
  std::string read_text(const std::string& name, const Json& value, std::string_view& out) {
    const bool is_form = value.is_object() && value.size() == 1 && value.begin()->is_string();
    const std::string form = is_form ? value.begin().key() : "";
    if (value.is_string() || form == "text") {
      out = (is_form ? *value.begin() : value).get_ref<const std::string&>();
      return {};
    }
    if (form != "base64") {
      return "\"" + name + "\" is neither a string nor {\"text\":...} nor {\"base64\":...}";
    }
    auto octets = mail::base64_decode_strict(value.begin()->get_ref<const std::string&>());
    if (!octets) return "\"" + name + "\" is not valid base64";
    out = decoded_.emplace_back(std::move(*octets));
    return {};
  }

  std::string read_fields(const Json& fields) {
    if (!fields.is_object()) return "\"fields\" is not an object";
    for (auto field = fields.begin(); field != fields.end(); ++field) {
      const std::string& name = field.key();
      std::string wrong;
      if (field->is_number()) {
        std::int64_t number = 0;
        wrong = read_integer(name, *field, number);
        event_.fields.push_back({name, trace::Value(number)});
      } else {
        std::string_view text;
        wrong = read_text(name, *field, text);
        event_.fields.push_back({name, trace::Value(text)});
      }
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  Json json_;
  std::deque<std::string> decoded_;  // base64 undone; a deque does not move what it holds
  ReadEvent event_;
  bool has_time_ = false;
};

}  // namespace

NdjsonResult read_ndjson(std::string_view text, trace::Log& log) {
  NdjsonResult result;
  LogBuilder builder(log);
  std::uint64_t number = 0;
  while (!text.empty() && result.error.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    std::string wrong;
    if (line.size() > kMaxLine) {
      wrong = "longer than " + std::to_string(kMaxLine) + " octets";
    } else {
      LineReader reader;
      wrong = reader.read(line);
      if (wrong.empty()) wrong = builder.add(reader.event());
    }
    if (!wrong.empty()) result.error = "line " + std::to_string(number) + ": " + wrong;
  }
  result.unknown_kinds = builder.unknown_kinds();
  return result;
}

}  // namespace mailscope::exporting
