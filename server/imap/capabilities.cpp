// The rows, in the order in which they are announced.
#include "server/imap/capabilities.hpp"

#include <algorithm>
#include <array>

#include "server/imap/session.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

constexpr std::uint8_t kStart = 1;  // State::not_authenticated
constexpr std::uint8_t kLoggedIn = 2 + 4;
constexpr std::uint8_t kAny = 1 + 2 + 4;

bool can_start_tls(const Session& s) {
  return s.options().starttls && !s.secure();
}
// RFC 3501 section 6.2.3: no LOGIN where a password would be readable on the way.
bool login_is_disabled(const Session& s) {
  return !s.may_send_password();
}

// RFC 7888 section 5: never both.
bool lacks_literal_plus(const Session& s) {
  return !s.offers("LITERAL+");
}
// RFC 4978 section 3: once is enough.
bool is_not_compressed(const Session& s) {
  return !s.compressed();
}
bool has_condstore(const Session& s) {
  return s.offers("CONDSTORE");
}

std::string mechanisms(const Session& session) {
  std::string list;
  for (const std::string_view name : auth::offered_mechanisms(session.sasl_context())) {
    if (!list.empty()) list += ' ';
    (list += "AUTH=") += name;
  }
  return list;
}
std::string new_rights(const Session&) {
  return "RIGHTS=" + std::string(kNewRights);
}
bool may_set_quotas(const Session& session) {
  return session.is_administrator();
}
bool has_keys_for_urls(const Session& session) {
  return session.options().entropy != nullptr;
}
std::string append_limit(const Session& session) {
  return "APPENDLIMIT=" + std::to_string(session.options().append_limit);
}

constexpr Capability kCapabilities[] = {
    {"IMAP4rev1", 3501, kAny},
    {"IMAP4rev2", 9051, kAny, kRev2},
    {"LITERAL+", 7888, kAny},
    {"LITERAL-", 7888, kAny, 0, true, lacks_literal_plus},
    {"SASL-IR", 4959, kAny, 0, true},
    {"ID", 2971, kAny},
    {"ENABLE", 5161, kAny, 0, true},
    {"STARTTLS", 3501, kStart, 0, true, can_start_tls},
    {"LOGINDISABLED", 3501, kStart, 0, true, login_is_disabled},
    {"AUTH=", 3501, kStart, 0, true, nullptr, mechanisms},
    {"IDLE", 2177, kLoggedIn, 0, true},
    {"NAMESPACE", 2342, kLoggedIn, 0, true},
    {"CHILDREN", 3348, kLoggedIn, 0, true},
    {"UIDPLUS", 4315, kLoggedIn, 0, true},
    {"UNSELECT", 3691, kLoggedIn, 0, true},
    {"MOVE", 6851, kLoggedIn, 0, true},
    {"SPECIAL-USE", 6154, kLoggedIn, 0, true},
    {"ESEARCH", 4731, kLoggedIn, 0, true},
    {"SEARCHRES", 5182, kLoggedIn, 0, true},
    {"WITHIN", 5032, kLoggedIn},
    {"CONDSTORE", 7162, kLoggedIn, kCondstore},
    {"QRESYNC", 7162, kLoggedIn, kCondstore | kQresync, false, has_condstore},
    {"BINARY", 3516, kLoggedIn, 0, true},
    {"PREVIEW", 8970, kLoggedIn},
    {"MULTIAPPEND", 3502, kLoggedIn},
    {"CATENATE", 4469, kLoggedIn},
    {"REPLACE", 8508, kLoggedIn},
    {"UTF8=ACCEPT", 6855, kLoggedIn, kUtf8},
    {"OBJECTID", 8474, kLoggedIn},
    {"SAVEDATE", 8514, kLoggedIn},
    {"COMPRESS=DEFLATE", 4978, kLoggedIn, 0, false, is_not_compressed},
    {"UNAUTHENTICATE", 8437, kLoggedIn},
    {"PARTIAL", 9394, kLoggedIn},
    {"UIDONLY", 9586, kLoggedIn, kUidOnly},
    {"INPROGRESS", 9585, kLoggedIn},
    {"STATUS=SIZE", 8438, kLoggedIn, 0, true},
    {"LIST-EXTENDED", 5258, kLoggedIn, 0, true},
    {"LIST-STATUS", 5819, kLoggedIn, 0, true},
    {"CREATE-SPECIAL-USE", 6154, kLoggedIn},
    {"SORT", 5256, kLoggedIn},
    {"SORT=DISPLAY", 5957, kLoggedIn},
    {"THREAD=ORDEREDSUBJECT", 5256, kLoggedIn},
    {"THREAD=REFERENCES", 5256, kLoggedIn},
    {"THREAD=REFS", 5256, kLoggedIn},  // draft-ietf-morg-inthread
    {"ESORT", 5267, kLoggedIn},
    {"CONTEXT=SEARCH", 5267, kLoggedIn},
    {"CONTEXT=SORT", 5267, kLoggedIn},
    {"MULTISEARCH", 7377, kLoggedIn},
    {"I18NLEVEL=2", 5255, kLoggedIn},
    {"LANGUAGE", 5255, kAny},
    {"ACL", 4314, kLoggedIn},
    {"RIGHTS=", 4314, kLoggedIn, 0, false, nullptr, new_rights},
    {"LIST-MYRIGHTS", 8440, kLoggedIn},
    {"QUOTA", 9208, kLoggedIn},
    {"QUOTA=RES-STORAGE", 9208, kLoggedIn},
    {"QUOTA=RES-MESSAGE", 9208, kLoggedIn},
    {"QUOTASET", 9208, kLoggedIn, 0, false, may_set_quotas},
    {"METADATA", 5464, kLoggedIn, kMetadata},
    {"METADATA-SERVER", 5464, kLoggedIn, kMetadata},
    {"LIST-METADATA", 9590, kLoggedIn},
    {"NOTIFY", 5465, kLoggedIn},
    {"URLAUTH", 4467, kLoggedIn, 0, false, has_keys_for_urls},
    {"URLAUTH=BINARY", 5524, kLoggedIn, 0, false, has_keys_for_urls},
    {"URL-PARTIAL", 5550, kLoggedIn, 0, false, has_keys_for_urls},
    {"APPENDLIMIT", 7889, kLoggedIn, 0, false, nullptr, append_limit},
};

}  // namespace

std::span<const Capability> capabilities() {
  return kCapabilities;
}

const Capability* find_capability(std::string_view name) {
  const auto* at = std::find_if(std::begin(kCapabilities), std::end(kCapabilities),
                                [name](const Capability& c) { return equal_ci(c.name, name); });
  return at == std::end(kCapabilities) ? nullptr : at;
}

std::string capability_list(const Session& session) {
  std::string list;
  const auto add = [&list](std::string_view text) {
    if (text.empty()) return;
    if (!list.empty()) list += ' ';
    list += text;
  };
  const auto state = static_cast<std::uint8_t>(session.state());
  for (const Capability& row : kCapabilities) {
    if ((row.states & state) == 0 || session.hides(row.name)) continue;
    if (row.useful != nullptr && !row.useful(session)) continue;
    const std::string as_is =
        row.announced != nullptr ? row.announced(session) : std::string(row.name);
    add(session.switches().announced(row.name, as_is).value_or(std::string()));
  }
  const auto has = [](std::string_view name) { return find_capability(name) != nullptr; };
  for (const std::string& text : session.switches().announced_besides(has)) add(text);
  return list;
}

}  // namespace mailscope::imap
