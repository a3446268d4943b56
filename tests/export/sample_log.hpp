// Logs for the tests: every kind of event, with values that are easy to get wrong.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "server/trace/log.hpp"

namespace mailscope::exporting {

inline const net::Time kNine =
    net::Time(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + std::chrono::hours(9));

/// `rounds` times every kind of event.
inline trace::Log sample_log(int rounds, unsigned seed = 1) {
  static const std::vector<std::string> kTexts = {"",
                                                  "MAIL FROM:<alice@acme.example>",
                                                  "caf\xC3\xA9 \"quoted\" \\",
                                                  "latin-1 \xE9",
                                                  "a\nb",
                                                  std::string("nul \0 in it", 11),
                                                  "\x7F\x1B[31m",
                                                  "\xF0\x9F\x93\xA8"};
  static const std::vector<std::int64_t> kNumbers = {
      0, 1, -1, 63, 64, -65, 1'000'000'007, INT64_MAX, INT64_MIN};
  std::mt19937 random(seed);
  trace::Log log;
  log.host("silent.example");
  net::Time time = kNine;
  for (int round = 0; round < rounds; ++round) {
    for (const trace::KindInfo& kind : trace::all_kinds()) {
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < kind.fields.size(); ++i) {
        std::string text = kTexts[random() % kTexts.size()];
        if (kind.fields[i].type == trace::FieldType::bytes)
          text += std::string(random() % 300, 'p');
        if (random() % 4 == 0) text += std::to_string(random() % 1000);
        texts.push_back(std::move(text));
      }
      std::vector<trace::Value> values;
      for (std::size_t i = 0; i < kind.fields.size(); ++i) {
        if (kind.fields[i].type == trace::FieldType::integer) {
          values.emplace_back(kNumbers[random() % kNumbers.size()]);
        } else {
          values.emplace_back(texts[i]);
        }
      }
      trace::Origin origin;
      if (random() % 5) origin.host = log.host("h" + std::to_string(random() % 7) + ".example");
      if (random() % 3) origin.peer = log.host("h" + std::to_string(random() % 7) + ".example");
      if (random() % 2) origin.connection = static_cast<trace::ConnectionId>(random() % 50);
      if (random() % 20 == 0) origin.connection = 0xFFFFFFFF;
      if (random() % 2) origin.message = static_cast<trace::MessageNumber>(random() % 9);
      const trace::EventId cause =
          random() % 3 ? static_cast<trace::EventId>(random() % (log.size() + 1)) : 0;
      time += net::Duration(random() % 2'000'000);
      log.append(time, kind.kind, origin, cause, values.data(), values.size());
    }
  }
  return log;
}

}  // namespace mailscope::exporting
