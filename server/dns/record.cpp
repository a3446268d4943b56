#include "server/dns/record.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mailscope::dns {
namespace {

struct TypeName {
  Type type;
  std::string_view name;
};
constexpr TypeName kTypes[] = {
    {Type::a, "A"},           {Type::ns, "NS"},       {Type::cname, "CNAME"},
    {Type::soa, "SOA"},       {Type::ptr, "PTR"},     {Type::hinfo, "HINFO"},
    {Type::mx, "MX"},         {Type::txt, "TXT"},     {Type::aaaa, "AAAA"},
    {Type::srv, "SRV"},       {Type::dname, "DNAME"}, {Type::opt, "OPT"},
    {Type::ds, "DS"},         {Type::rrsig, "RRSIG"}, {Type::nsec, "NSEC"},
    {Type::dnskey, "DNSKEY"}, {Type::nsec3, "NSEC3"}, {Type::tlsa, "TLSA"},
    {Type::https, "HTTPS"},   {Type::ixfr, "IXFR"},   {Type::axfr, "AXFR"},
    {Type::any, "ANY"},       {Type::caa, "CAA"},
};

struct ClassName {
  Class klass;
  std::string_view name;
};
constexpr ClassName kClasses[] = {{Class::in, "IN"},
                                  {Class::ch, "CH"},
                                  {Class::hs, "HS"},
                                  {Class::none, "NONE"},
                                  {Class::any, "ANY"}};

/// Number behind a prefix: 1234 of "TYPE1234" (RFC 3597 section 5).
std::optional<std::uint16_t> number_behind(std::string_view prefix, std::string_view text) {
  if (text.size() <= prefix.size() || !same_octets(text.substr(0, prefix.size()), prefix)) {
    return std::nullopt;
  }
  std::uint16_t number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + prefix.size(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

constexpr std::uint64_t kMaxTtl = 0x7fffffff;  // seconds; RFC 2181 section 8

constexpr std::uint64_t unit_seconds(char unit) {
  switch (unit) {
    case 's':
    case 'S':
      return 1;
    case 'm':
    case 'M':
      return 60;
    case 'h':
    case 'H':
      return 3600;
    case 'd':
    case 'D':
      return 86400;
    case 'w':
    case 'W':
      return 604800;
    default:
      return 0;
  }
}

}  // namespace

std::string to_string(Type type) {
  for (const auto& row : kTypes) {
    if (row.type == type) return std::string(row.name);
  }
  return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::optional<Type> parse_type(std::string_view text) {
  for (const auto& row : kTypes) {
    if (same_octets(row.name, text)) return row.type;
  }
  const auto number = number_behind("TYPE", text);
  return number ? std::optional(static_cast<Type>(*number)) : std::nullopt;
}

std::string to_string(Class klass) {
  for (const auto& row : kClasses) {
    if (row.klass == klass) return std::string(row.name);
  }
  return "CLASS" + std::to_string(static_cast<unsigned>(klass));
}

std::optional<Class> parse_class(std::string_view text) {
  for (const auto& row : kClasses) {
    if (same_octets(row.name, text)) return row.klass;
  }
  const auto number = number_behind("CLASS", text);
  return number ? std::optional(static_cast<Class>(*number)) : std::nullopt;
}

std::optional<std::uint32_t> parse_ttl(std::string_view text) {
  std::uint64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::uint32_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
    std::uint64_t unit = 1;
    if (!text.empty()) {
      unit = unit_seconds(text.front());
      if (unit == 0) return std::nullopt;
      text.remove_prefix(1);
    }
    total += number * unit;
    if (total > kMaxTtl) return std::nullopt;
  }
  return static_cast<std::uint32_t>(total);
}

std::string Txt::joined() const {
  std::string whole;
  for (const auto& string : strings) whole += string;
  return whole;
}

Txt make_txt(std::string_view value) {
  constexpr std::size_t kMaxString = 255;  // one length octet (RFC 1035 section 3.3)
  Txt txt;
  do {
    txt.strings.emplace_back(value.substr(0, kMaxString));
    value.remove_prefix(std::min(kMaxString, value.size()));
  } while (!value.empty());
  return txt;
}

Type type_of(const Rdata& data) {
  // In the order of the variant's alternatives.
  constexpr std::array kByIndex = {Type::a,   Type::aaaa, Type::ns,   Type::cname,
                                   Type::ptr, Type::soa,  Type::mx,   Type::txt,
                                   Type::srv, Type::caa,  Type::tlsa, Type::none};
  static_assert(kByIndex.size() == std::variant_size_v<Rdata>);
  return kByIndex[data.index()];
}

Record make_record(const Name& owner, std::uint32_t ttl, Rdata data) {
  const Type type = type_of(data);
  return {owner, type, ttl, std::move(data), Class::in};
}

Record address_record(const Name& owner, std::uint32_t ttl, const net::Address& address) {
  if (address.is_v6()) return make_record(owner, ttl, Aaaa{address});
  return make_record(owner, ttl, A{address});
}

std::string Record::to_string() const {
  std::string text = name.zone_text();
  text += ' ';
  text += std::to_string(ttl);
  text += ' ';
  text += dns::to_string(klass);
  text += ' ';
  text += dns::to_string(type);
  text += ' ';
  text += rdata_text(data);
  return text;
}

}  // namespace mailscope::dns
