// RDATA in messages (RFC 1035 section 3.3 and the RFCs of the newer types).
#include <type_traits>

#include "server/dns/wire.hpp"

namespace mailscope::dns {
namespace {

Soa read_soa(Reader& reader) {
  Soa soa;
  soa.primary = reader.name();
  soa.mailbox = reader.name();
  soa.serial = reader.u32();
  soa.refresh = reader.u32();
  soa.retry = reader.u32();
  soa.expire = reader.u32();
  soa.minimum = reader.u32();
  return soa;
}

Txt read_txt(Reader& reader) {
  Txt txt;
  do {
    txt.strings.emplace_back(reader.character_string());
  } while (!reader.failed() && reader.left() > 0);
  return txt;
}

Srv read_srv(Reader& reader) {
  Srv srv;
  srv.priority = reader.u16();
  srv.weight = reader.u16();
  srv.port = reader.u16();
  // RFC 3597 section 4: receivers take a compressed name here, though nobody should send one.
  srv.target = reader.name();
  return srv;
}

Caa read_caa(Reader& reader) {
  Caa caa;
  caa.flags = reader.u8();
  caa.tag = reader.character_string();
  if (!reader.failed() && caa.tag.empty()) reader.fail("an empty CAA tag");
  caa.value = reader.octets(reader.left());
  return caa;
}

Tlsa read_tlsa(Reader& reader) {
  Tlsa tlsa;
  tlsa.usage = reader.u8();
  tlsa.selector = reader.u8();
  tlsa.matching = reader.u8();
  tlsa.data = reader.octets(reader.left());
  return tlsa;
}

net::Address read_v4(Reader& reader) {
  return net::Address::v4(reader.u32());
}

net::Address read_v6(Reader& reader) {
  std::array<std::uint8_t, 16> bytes{};
  const auto octets = reader.octets(bytes.size());
  for (std::size_t i = 0; i < octets.size(); ++i) bytes[i] = static_cast<std::uint8_t>(octets[i]);
  return net::Address::v6(bytes);
}

Rdata read_fields(Reader& reader, Type type) {
  switch (type) {
    case Type::a:
      return A{read_v4(reader)};
    case Type::aaaa:
      return Aaaa{read_v6(reader)};
    case Type::ns:
      return Ns{reader.name()};
    case Type::cname:
      return Cname{reader.name()};
    case Type::ptr:
      return Ptr{reader.name()};
    case Type::soa:
      return read_soa(reader);
    case Type::mx: {
      const std::uint16_t preference = reader.u16();
      return Mx{preference, reader.name()};
    }
    case Type::txt:
      return read_txt(reader);
    case Type::srv:
      return read_srv(reader);
    case Type::caa:
      return read_caa(reader);
    case Type::tlsa:
      return read_tlsa(reader);
    default:
      return Raw{std::string(reader.octets(reader.left()))};
  }
}

/// Writes the fields of each kind of data. Only the types of RFC 1035 may hold compressed names
/// (RFC 3597 section 4).
struct FieldWriter {
  Writer& writer;
  void operator()(const A& a) const { writer.octets(a.address.bytes()); }
  void operator()(const Aaaa& a) const { writer.octets(a.address.bytes()); }
  void operator()(const Ns& ns) const { writer.name_compressed(ns.host); }
  void operator()(const Cname& cname) const { writer.name_compressed(cname.target); }
  void operator()(const Ptr& ptr) const { writer.name_compressed(ptr.target); }
  void operator()(const Soa& soa) const {
    writer.name_compressed(soa.primary);
    writer.name_compressed(soa.mailbox);
    for (const auto number : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum}) {
      writer.u32(number);
    }
  }
  void operator()(const Mx& mx) const {
    writer.u16(mx.preference);
    writer.name_compressed(mx.exchange);
  }
  void operator()(const Txt& txt) const {
    for (const auto& string : txt.strings) writer.character_string(string);
    if (txt.strings.empty()) writer.character_string({});
  }
  void operator()(const Srv& srv) const {
    writer.u16(srv.priority);
    writer.u16(srv.weight);
    writer.u16(srv.port);
    writer.name_plain(srv.target);  // RFC 2782: not compressed
  }
  void operator()(const Caa& caa) const {
    writer.u8(caa.flags);
    writer.character_string(caa.tag);
    writer.octets(caa.value);
  }
  void operator()(const Tlsa& tlsa) const {
    writer.u8(tlsa.usage);
    writer.u8(tlsa.selector);
    writer.u8(tlsa.matching);
    writer.octets(tlsa.data);
  }
  void operator()(const Raw& raw) const { writer.octets(raw.octets); }
};

/// Outside class IN an "A" need not be an address; only the types of RFC 1035 section 3.3 are the
/// same in every class.
bool same_in_every_class(Type type) {
  return type == Type::ns || type == Type::cname || type == Type::ptr || type == Type::soa ||
         type == Type::mx || type == Type::txt;
}

}  // namespace

Rdata read_rdata(Reader& reader, Type type, Class klass, std::size_t length) {
  if (!reader.narrow(length)) return Raw{};
  const bool known = klass == Class::in || same_in_every_class(type);
  Rdata data = known ? read_fields(reader, type) : Raw{std::string(reader.octets(length))};
  reader.widen();
  return data;
}

void write_rdata(Writer& writer, const Rdata& data) {
  const std::size_t length_at = writer.size();
  writer.u16(0);
  std::visit(FieldWriter{writer}, data);
  writer.patch_u16(length_at, static_cast<std::uint16_t>(writer.size() - length_at - 2));
}

void write_record(Writer& writer, const Record& record) {
  writer.name_compressed(record.name);
  writer.u16(static_cast<std::uint16_t>(record.type));
  writer.u16(static_cast<std::uint16_t>(record.klass));
  writer.u32(record.ttl);
  write_rdata(writer, record.data);
}

}  // namespace mailscope::dns
