// Numbers with units: what is taken, what is not, and how times are told.
#include <limits>

#include "sim/scenario/units.hpp"
#include "tests/catch.hpp"

using namespace mailscope::scenario;
using namespace std::chrono_literals;

TEST_CASE("durations", "[scenario][units]") {
  struct Row {
    const char* text;
    std::optional<Duration> value;
  };
  const Row rows[] = {
      {"0s", 0s},       {"250us", 250us}, {"20ms", 20ms},
      {"1.5s", 1500ms}, {"10m", 10min},   {"4h", 4h},
      {"2d", 48h},      {"0.001ms", 1us}, {"36500d", kMaxDuration},
      {"", {}},         {"s", {}},        {"10", {}},
      {"10 s", {}},     {" 10s", {}},     {"10s ", {}},
      {"10S", {}},      {"10sec", {}},    {"-1s", {}},
      {"+1s", {}},      {"-0s", {}},      {".5s", {}},
      {"5.s", {}},      {"1.2.3s", {}},   {"1e3s", {}},
      {"0x10s", {}},    {"infs", {}},     {"nans", {}},
      {"1,5s", {}},     {"36501d", {}},   {"99999999999999999999999999d", {}},
      {"10ns", {}},     {"1w", {}},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(parse_duration(row.text) == row.value);
  }
}

TEST_CASE("sizes, rates and percentages", "[scenario][units]") {
  CHECK(parse_size("512B") == 512u);
  CHECK(parse_size("10kB") == 10'000u);
  CHECK(parse_size("2.5MB") == 2'500'000u);
  CHECK(parse_size("1GB") == 1'000'000'000u);
  for (const char* text :
       {"10", "10KB", "10 kB", "10kb", "B", "-1B", "10KiB", "nanB", "9999999999GB"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
  CHECK(parse_rate("300bps") == 300u);
  CHECK(parse_rate("64kbps") == 64'000u);
  CHECK(parse_rate("10Mbps") == 10'000'000u);
  CHECK(parse_rate("1Gbps") == 1'000'000'000u);
  for (const char* text : {"0bps", "10mbps", "10", "0.1bps", "10MBps", "infGbps"}) {
    INFO(text);
    CHECK_FALSE(parse_rate(text));
  }
  CHECK(parse_percent("0%") == 0.0);
  CHECK(parse_percent("2%") == Approx(0.02));
  CHECK(parse_percent("0.5%") == Approx(0.005));
  CHECK(parse_percent("100%") == 1.0);
  for (const char* text : {"101%", "2", "0.02", "%", "-1%", "two%"}) {
    INFO(text);
    CHECK_FALSE(parse_percent(text));
  }
}

TEST_CASE("times as people read them", "[scenario][units]") {
  CHECK(format_duration(0s) == "0 ms");
  CHECK(format_duration(250ms) == "250 ms");
  CHECK(format_duration(1842ms) == "1.842 s");
  CHECK(format_duration(4min) == "4 min 0 s");
  CHECK(format_duration(125min) == "2 h 5 min");
  CHECK(format_duration(24h * 5) == "5 d 0 h");
  CHECK(format_duration(-250ms) == "-250 ms");
}
