// The cache: TTLs, trust, negative answers, its size.
#include "server/dns/cache.hpp"

#include "tests/catch.hpp"

using namespace mailscope;
using namespace mailscope::dns;
using std::chrono::seconds;

namespace {

Record rr(const char* line) {
  return *parse_record(line);
}
const net::Time t0{seconds(1000)};
const std::optional<Record> kSoa = rr("example. 600 SOA a. b. 1 2 3 4 300");

}  // namespace

TEST_CASE("sets live as long as their shortest TTL", "[dns][cache]") {
  Cache cache;
  cache.put(t0, {rr("a.example. 60 A 192.0.2.1"), rr("a.example. 30 A 192.0.2.2")}, Trust::answer);
  const auto* entry = cache.find(t0 + seconds(29), name("A.example"), Type::a);
  REQUIRE(entry != nullptr);
  const auto records = Cache::aged(*entry, t0 + seconds(29));
  CHECK(records.size() == 2);
  CHECK(records[0].ttl == 1);
  CHECK(cache.find(t0, name("a.example"), Type::aaaa) == nullptr);
  CHECK(cache.find(t0 + seconds(30), name("a.example"), Type::a) == nullptr);
  CHECK(cache.size() == 0);
  cache.put(t0, {rr("a.example. 0 A 192.0.2.1")}, Trust::answer);
  CHECK(cache.size() == 0);
}

TEST_CASE("TTLs are capped", "[dns][cache]") {
  Cache cache;
  cache.put(t0, {rr("a. 9999999 A 192.0.2.1")}, Trust::answer);
  CHECK(Cache::ttl_left(*cache.find(t0, name("a"), Type::a), t0) == 86400);
  cache.put_negative(t0, name("b"), Type::a, Outcome::nodata,
                     rr("b. 99999 SOA a. b. 1 2 3 4 99999"));
  CHECK(Cache::ttl_left(*cache.find(t0, name("b"), Type::a), t0) == 10800);
}

TEST_CASE("what is less trusted does not replace what is more", "[dns][cache]") {
  Cache cache;
  cache.put(t0, {rr("ns.example. 60 A 192.0.2.1")}, Trust::answer);
  cache.put(t0, {rr("ns.example. 60 A 192.0.2.66")}, Trust::glue);
  CHECK(cache.find(t0, name("ns.example"), Type::a)->records[0].to_string().ends_with("192.0.2.1"));
  cache.put(t0 + seconds(60), {rr("ns.example. 60 A 192.0.2.66")}, Trust::glue);
  CHECK(cache.find(t0 + seconds(60), name("ns.example"), Type::a)->trust == Trust::glue);
}

TEST_CASE("there being nothing is kept too", "[dns][cache]") {
  Cache cache;
  cache.put_negative(t0, name("a.example"), Type::mx, Outcome::nodata, kSoa);
  CHECK(cache.find(t0, name("a.example"), Type::mx)->outcome == Outcome::nodata);
  CHECK(cache.find(t0, name("a.example"), Type::a) == nullptr);
  cache.put_negative(t0, name("b.example"), Type::mx, Outcome::nxdomain, kSoa);
  CHECK(cache.find(t0, name("b.example"), Type::a)->outcome == Outcome::nxdomain);
  // The lesser of the SOA's TTL and its last field (RFC 2308 section 5).
  CHECK(cache.find(t0 + seconds(299), name("b.example"), Type::a) != nullptr);
  CHECK(cache.find(t0 + seconds(300), name("b.example"), Type::a) == nullptr);
  // Without SOA it is not kept.
  cache.put_negative(t0, name("c.example"), Type::mx, Outcome::nxdomain, std::nullopt);
  CHECK(cache.find(t0, name("c.example"), Type::mx) == nullptr);
  // A name that appears ends its own nonexistence.
  cache.put_negative(t0, name("d.example"), Type::mx, Outcome::nxdomain, kSoa);
  cache.put(t0, {rr("d.example. 60 A 192.0.2.1")}, Trust::answer);
  CHECK(cache.find(t0, name("d.example"), Type::mx) == nullptr);
}

TEST_CASE("failures are kept for a moment", "[dns][cache]") {
  Cache cache;
  cache.put_failure(t0, name("a"), Type::a, Outcome::timeout, "why");
  CHECK(cache.find(t0 + seconds(4), name("a"), Type::a)->detail == "why");
  CHECK(cache.find(t0 + seconds(5), name("a"), Type::a) == nullptr);
}

TEST_CASE("the least recently used entry goes when the cache is full", "[dns][cache]") {
  CacheLimits limits;
  limits.entries = 2;
  Cache cache(limits);
  cache.put(t0, {rr("a. 60 A 192.0.2.1")}, Trust::answer);
  cache.put(t0, {rr("b. 60 A 192.0.2.1")}, Trust::answer);
  CHECK(cache.find(t0, name("a"), Type::a) != nullptr);
  cache.put(t0, {rr("c. 60 A 192.0.2.1")}, Trust::answer);
  CHECK(cache.size() == 2);
  CHECK(cache.find(t0, name("a"), Type::a) != nullptr);
  CHECK(cache.find(t0, name("b"), Type::a) == nullptr);
  cache.clear();
  CHECK(cache.size() == 0);
}
