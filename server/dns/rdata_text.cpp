// RDATA and records as zone file text (RFC 1035 section 5), both ways.
#include <algorithm>
#include <charconv>

#include "server/dns/escape.hpp"
#include "server/dns/record.hpp"
#include "server/dns/tokens.hpp"
#include "server/dns/wire.hpp"

namespace mailscope::dns {
namespace {

std::string hex(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto u = static_cast<unsigned char>(c);
    text += kDigits[u >> 4];
    text += kDigits[u & 15];
  }
  return text;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string octets;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    octets += static_cast<char>(high * 16 + low);
  }
  return octets;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string quoted(std::string_view octets) {
  std::string text = "\"";
  for (const char c : octets) {
    const auto u = static_cast<unsigned char>(c);
    if (u < ' ' || u >= 127) {
      append_decimal_escape(text, c);
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
  return text;
}

std::string spaced(std::initializer_list<std::uint64_t> numbers) {
  std::string text;
  for (const auto number : numbers) text += std::to_string(number) + ' ';
  return text;
}

struct TextWriter {
  std::string operator()(const A& a) const { return a.address.to_string(); }
  std::string operator()(const Aaaa& a) const { return a.address.to_string(); }
  std::string operator()(const Ns& ns) const { return ns.host.zone_text(); }
  std::string operator()(const Cname& cname) const { return cname.target.zone_text(); }
  std::string operator()(const Ptr& ptr) const { return ptr.target.zone_text(); }
  std::string operator()(const Soa& soa) const {
    std::string text = soa.primary.zone_text() + ' ' + soa.mailbox.zone_text() + ' ' +
                       spaced({soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum});
    text.pop_back();
    return text;
  }
  std::string operator()(const Mx& mx) const {
    return spaced({mx.preference}) + mx.exchange.zone_text();
  }
  std::string operator()(const Txt& txt) const {
    std::string text;
    for (const auto& string : txt.strings) text += (text.empty() ? "" : " ") + quoted(string);
    return text;
  }
  std::string operator()(const Srv& srv) const {
    return spaced({srv.priority, srv.weight, srv.port}) + srv.target.zone_text();
  }
  std::string operator()(const Caa& caa) const {
    // RFC 8659 section 4.1: tags are letters and digits; what a message brings may be anything.
    const bool plain = std::all_of(caa.tag.begin(), caa.tag.end(), is_letter_or_digit);
    return spaced({caa.flags}) + (plain ? caa.tag : quoted(caa.tag)) + ' ' + quoted(caa.value);
  }
  std::string operator()(const Tlsa& tlsa) const {
    return spaced({tlsa.usage, tlsa.selector, tlsa.matching}) + hex(tlsa.data);
  }
  /// RFC 3597 section 5.
  std::string operator()(const Raw& raw) const {
    std::string text = "\\# " + std::to_string(raw.octets.size());
    if (!raw.octets.empty()) text += ' ' + hex(raw.octets);
    return text;
  }
};

/// The tokens of one record's data, taken one by one. The first error sticks.
class Fields {
 public:
  Fields(const std::vector<Token>& tokens, std::size_t at, const Name& origin)
      : tokens_(tokens), at_(at), origin_(origin) {}

  const std::string& error() const { return error_; }
  bool more() const { return at_ < tokens_.size(); }
  void fail(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }
  const Token* token(std::string_view what) {
    if (more()) return &tokens_[at_++];
    fail("expected " + std::string(what));
    return nullptr;
  }
  template <typename Number>
  Number number(std::string_view what) {
    Number value = 0;
    const Token* t = token(what);
    if (t == nullptr) return value;
    const char* end = t->text.data() + t->text.size();
    const auto result = std::from_chars(t->text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end) {
      fail("expected " + std::string(what) + ", found \"" + std::string(t->text) + "\"");
    }
    return value;
  }
  std::uint32_t seconds(std::string_view what) {
    const Token* t = token(what);
    if (t == nullptr) return 0;
    const auto value = parse_ttl(t->text);
    if (!value) fail("expected " + std::string(what) + ", found \"" + std::string(t->text) + "\"");
    return value.value_or(0);
  }
  Name name(std::string_view what) {
    const Token* t = token(what);
    if (t == nullptr) return Name();
    auto value = Name::parse(t->text, origin_);
    if (!value) {
      fail("expected " + std::string(what) + ", found \"" + std::string(t->text) + "\"");
      return Name();
    }
    return *std::move(value);
  }
  net::Address address(bool v6) {
    const std::string_view what = v6 ? "an IPv6 address" : "an IPv4 address";
    const Token* t = token(what);
    if (t == nullptr) return {};
    const auto value = net::Address::parse(t->text);
    if (!value || value->is_v6() != v6) {
      fail("expected " + std::string(what) + ", found \"" + std::string(t->text) + "\"");
      return {};
    }
    return *value;
  }
  std::string string(std::string_view what) {
    const Token* t = token(what);
    if (t == nullptr) return {};
    auto value = unescape(t->text);
    if (!value) fail("a bad escape in \"" + std::string(t->text) + "\"");
    return value.value_or(std::string());
  }
  /// All that is left, white space taken out, as hexadecimal octets.
  std::string hex_rest(std::string_view what) {
    std::string digits;
    while (more()) digits += tokens_[at_++].text;
    auto octets = unhex(digits);
    if (!octets) fail("expected " + std::string(what) + " in hexadecimal digits");
    return octets.value_or(std::string());
  }

 private:
  const std::vector<Token>& tokens_;
  std::size_t at_;
  const Name& origin_;
  std::string error_;
};

Soa soa_fields(Fields& fields) {
  Soa soa;
  soa.primary = fields.name("the name of the primary server");
  soa.mailbox = fields.name("the mailbox of the person responsible");
  soa.serial = fields.number<std::uint32_t>("a serial number");
  soa.refresh = fields.seconds("the refresh time");
  soa.retry = fields.seconds("the retry time");
  soa.expire = fields.seconds("the expire time");
  soa.minimum = fields.seconds("the TTL of negative answers");
  return soa;
}

Txt txt_fields(Fields& fields) {
  Txt txt;
  do {
    // Zone files of DKIM keys are full of over-long strings; cutting them is what everyone means.
    for (auto& part : make_txt(fields.string("a string")).strings) {
      txt.strings.push_back(std::move(part));
    }
  } while (fields.more());
  return txt;
}

Srv srv_fields(Fields& fields) {
  Srv srv;
  srv.priority = fields.number<std::uint16_t>("a priority");
  srv.weight = fields.number<std::uint16_t>("a weight");
  srv.port = fields.number<std::uint16_t>("a port");
  srv.target = fields.name("the target's name");
  return srv;
}

Caa caa_fields(Fields& fields) {
  Caa caa;
  caa.flags = fields.number<std::uint8_t>("flags from 0 to 255");
  caa.tag = fields.string("a tag such as issue");
  if (caa.tag.empty() || caa.tag.size() > 255) fields.fail("a CAA tag has 1 to 255 octets");
  caa.value = fields.string("a value");
  return caa;
}

Tlsa tlsa_fields(Fields& fields) {
  Tlsa tlsa;
  tlsa.usage = fields.number<std::uint8_t>("a certificate usage");
  tlsa.selector = fields.number<std::uint8_t>("a selector");
  tlsa.matching = fields.number<std::uint8_t>("a matching type");
  tlsa.data = fields.hex_rest("the certificate association data");
  return tlsa;
}

/// RFC 3597 section 5: "\# length hexadecimal". A known type is still taken apart.
Rdata generic_fields(Fields& fields, Type type, Class klass) {
  const auto length = fields.number<std::uint16_t>("the number of octets");
  const std::string octets = fields.hex_rest("the data");
  if (fields.error().empty() && octets.size() != length) {
    fields.fail("the data has " + std::to_string(octets.size()) + " octets, not " +
                std::to_string(length));
  }
  if (!fields.error().empty()) return Raw{};
  Reader reader(octets);
  Rdata data = read_rdata(reader, type, klass, octets.size());
  if (reader.failed()) fields.fail("not " + to_string(type) + " data: " + reader.error());
  return data;
}

Rdata typed_fields(Fields& fields, Type type) {
  switch (type) {
    case Type::a:
      return A{fields.address(false)};
    case Type::aaaa:
      return Aaaa{fields.address(true)};
    case Type::ns:
      return Ns{fields.name("the server's name")};
    case Type::cname:
      return Cname{fields.name("the target's name")};
    case Type::ptr:
      return Ptr{fields.name("the target's name")};
    case Type::soa:
      return soa_fields(fields);
    case Type::mx: {
      const auto preference = fields.number<std::uint16_t>("a preference from 0 to 65535");
      return Mx{preference, fields.name("the mail server's name")};
    }
    case Type::txt:
      return txt_fields(fields);
    case Type::srv:
      return srv_fields(fields);
    case Type::caa:
      return caa_fields(fields);
    case Type::tlsa:
      return tlsa_fields(fields);
    default:
      fields.fail("the data of " + to_string(type) +
                  " must be given as \\# <octets> <hexadecimal>");
      return Raw{};
  }
}

bool is_generic(const std::vector<Token>& tokens, std::size_t at) {
  return at < tokens.size() && !tokens[at].quoted && tokens[at].text == "\\#";
}

Parsed<Rdata> parse_fields(Type type, Class klass, const std::vector<Token>& tokens, std::size_t at,
                           const Name& origin) {
  const bool generic = is_generic(tokens, at);
  Fields fields(tokens, generic ? at + 1 : at, origin);
  Rdata data = generic ? generic_fields(fields, type, klass) : typed_fields(fields, type);
  if (fields.error().empty() && fields.more()) {
    fields.fail("too much data for " + to_string(type) + ": \"" +
                std::string(fields.token("")->text) + "\"");
  }
  if (!fields.error().empty()) return {std::nullopt, fields.error()};
  return {std::move(data), {}};
}

}  // namespace

std::string rdata_text(const Rdata& data) {
  return std::visit(TextWriter{}, data);
}

Parsed<Rdata> parse_rdata(Type type, std::string_view text, const Name& origin) {
  EntryReader reader(text);
  const auto entry = reader.next();
  if (!reader.error().empty()) return {std::nullopt, reader.error()};
  const std::vector<Token> none;
  auto parsed = parse_fields(type, Class::in, entry ? entry->tokens : none, 0, origin);
  if (parsed && reader.next()) return {std::nullopt, "more than one line"};
  return parsed;
}

Parsed<Record> parse_entry(const Entry& entry, const Name& origin, std::uint32_t default_ttl,
                           const Name* last_owner) {
  std::size_t at = 0;
  Record record;
  record.ttl = default_ttl;
  if (entry.indented) {
    if (last_owner == nullptr) return {std::nullopt, "no owner name"};
    record.name = *last_owner;
  } else {
    auto owner = Name::parse(entry.tokens[at++].text, origin);
    if (!owner) {
      return {std::nullopt, "not a domain name: \"" + std::string(entry.tokens[0].text) + "\""};
    }
    record.name = *std::move(owner);
  }
  // RFC 1035 section 5.1: TTL and class in either order, both optional. A type never looks like
  // either of them.
  bool seen_ttl = false;
  bool seen_class = false;
  for (; at < entry.tokens.size(); ++at) {
    const auto text = entry.tokens[at].text;
    const auto ttl = parse_ttl(text);
    const auto klass = parse_class(text);
    if (ttl && !seen_ttl) {
      record.ttl = *ttl;
      seen_ttl = true;
    } else if (klass && !seen_class) {
      record.klass = *klass;
      seen_class = true;
    } else {
      break;
    }
  }
  if (at >= entry.tokens.size()) return {std::nullopt, "no record type"};
  const auto type = parse_type(entry.tokens[at].text);
  if (!type || *type == Type::any || *type == Type::axfr || *type == Type::ixfr ||
      *type == Type::opt) {
    return {std::nullopt, "not a record type: \"" + std::string(entry.tokens[at].text) + "\""};
  }
  record.type = *type;
  auto data = parse_fields(record.type, record.klass, entry.tokens, at + 1, origin);
  if (!data) return {std::nullopt, to_string(record.type) + ": " + data.error};
  record.data = *std::move(data.value);
  return {std::move(record), {}};
}

Parsed<Record> parse_record(std::string_view line, const Name& origin, std::uint32_t default_ttl) {
  EntryReader reader(line);
  const auto entry = reader.next();
  if (!reader.error().empty()) return {std::nullopt, reader.error()};
  if (!entry) return {std::nullopt, "no record"};
  auto parsed = parse_entry(*entry, origin, default_ttl, nullptr);
  if (parsed && reader.next()) return {std::nullopt, "more than one record"};
  return parsed;
}

}  // namespace mailscope::dns
