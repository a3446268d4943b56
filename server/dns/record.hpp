// Resource records (RFC 1035 section 3.2.1): types, their data, and their text in zone files.
//
//   acme.example.      3600  IN  MX  10 mx1.acme.example.
//   mx1.acme.example.  3600  IN  A   192.0.2.25
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/dns/name.hpp"
#include "server/net/address.hpp"

namespace mailscope::dns {

/// Types with a meaning here; any other number may stand in a Type too (RFC 3597).
enum class Type : std::uint16_t {
  none = 0,
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  hinfo = 13,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  dname = 39,
  opt = 41,
  ds = 43,
  rrsig = 46,
  nsec = 47,
  dnskey = 48,
  nsec3 = 50,
  tlsa = 52,
  https = 65,
  ixfr = 251,
  axfr = 252,
  any = 255,
  caa = 257,
};
/// "MX"; "TYPE1234" when the number has no name here (RFC 3597 section 5).
std::string to_string(Type type);
/// Mnemonic in any case, or "TYPE1234".
std::optional<Type> parse_type(std::string_view text);

enum class Class : std::uint16_t { in = 1, ch = 3, hs = 4, none = 254, any = 255 };
/// "IN"; "CLASS1234" when the number has no name here.
std::string to_string(Class klass);
std::optional<Class> parse_class(std::string_view text);

struct A {
  net::Address address;
  bool operator==(const A&) const = default;
};
struct Aaaa {
  net::Address address;
  bool operator==(const Aaaa&) const = default;
};
struct Ns {
  Name host;
  bool operator==(const Ns&) const = default;
};
struct Cname {
  Name target;
  bool operator==(const Cname&) const = default;
};
struct Ptr {
  Name target;
  bool operator==(const Ptr&) const = default;
};
/// Start of a zone of authority (RFC 1035 section 3.3.13); times in seconds.
struct Soa {
  Name primary;
  Name mailbox;
  std::uint32_t serial = 1;
  std::uint32_t refresh = 7200;
  std::uint32_t retry = 900;
  std::uint32_t expire = 1209600;
  std::uint32_t minimum = 300;  // TTL of negative answers (RFC 2308 section 4)
  bool operator==(const Soa&) const = default;
};
/// Mail exchanger. The root as exchange with preference 0 is the null MX (RFC 7505).
struct Mx {
  std::uint16_t preference = 0;
  Name exchange;
  bool operator==(const Mx&) const = default;
};
struct Txt {
  std::vector<std::string> strings;  // at least one; at most 255 octets each
  /// The strings put together without spaces, as SPF and DKIM read them (RFC 7208 section 3.3).
  std::string joined() const;
  bool operator==(const Txt&) const = default;
};
/// RFC 2782.
struct Srv {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  Name target;
  bool operator==(const Srv&) const = default;
};
/// RFC 8659 section 4.1.
struct Caa {
  std::uint8_t flags = 0;
  std::string tag;
  std::string value;
  bool operator==(const Caa&) const = default;
};
/// RFC 6698 section 2.1.
struct Tlsa {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::string data;
  bool operator==(const Tlsa&) const = default;
};
/// The octets of a type that is not taken apart (RFC 3597).
struct Raw {
  std::string octets;
  bool operator==(const Raw&) const = default;
};

using Rdata = std::variant<A, Aaaa, Ns, Cname, Ptr, Soa, Mx, Txt, Srv, Caa, Tlsa, Raw>;

struct Record {
  Name name;
  Type type = Type::none;
  std::uint32_t ttl = 0;  // seconds
  Rdata data = Raw{};
  Class klass = Class::in;

  bool operator==(const Record&) const = default;
  /// One line of a zone file: "acme.example. 3600 IN MX 10 mx1.acme.example."
  std::string to_string() const;
};

/// The data in the form of zone files: "10 mx1.acme.example.".
std::string rdata_text(const Rdata& data);

/// A value, or in words what is wrong with the text it was to be made from.
template <typename T>
struct Parsed {
  std::optional<T> value;
  std::string error;  // empty with a value
  explicit operator bool() const { return value.has_value(); }
  T& operator*() { return *value; }
  T* operator->() { return &*value; }
};

/// Data of `type` from zone file text; names without a final dot are relative to `origin`. The form
/// of RFC 3597 section 5 ("\# 4 C0000201") is understood for every type.
Parsed<Rdata> parse_rdata(Type type, std::string_view text, const Name& origin = Name());
/// A whole line as to_string() writes it; TTL and class may be left out and change places
/// (RFC 1035 section 5.1). Comments (";") end the line.
Parsed<Record> parse_record(std::string_view line, const Name& origin = Name(),
                            std::uint32_t default_ttl = 3600);

/// Seconds from "3600" or "1h30m" (units s m h d w), at most 2^31-1 (RFC 2181 section 8).
std::optional<std::uint32_t> parse_ttl(std::string_view text);

/// One value as TXT data, cut into strings of at most 255 octets.
Txt make_txt(std::string_view value);
/// The type that goes with the kind of data; Type::none for Raw.
Type type_of(const Rdata& data);
/// Short-hands for records that programs make. Not for Raw data, whose type only the caller knows.
Record make_record(const Name& owner, std::uint32_t ttl, Rdata data);
/// A or AAAA, as the address asks for.
Record address_record(const Name& owner, std::uint32_t ttl, const net::Address& address);

}  // namespace mailscope::dns
