// The table of commands and the states in which they are legal.
#include "server/imap/command_table.hpp"

#include <algorithm>
#include <array>

#include "server/imap/commands/commands.hpp"
#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

constexpr std::uint8_t kStart = 1;  // State::not_authenticated
constexpr std::uint8_t kLoggedIn = 2 + 4;
constexpr std::uint8_t kSelected = 4;
constexpr std::uint8_t kAny = 1 + 2 + 4;

constexpr CommandInfo kCommands[] = {
    {"CAPABILITY", "", kAny, run_capability, true},
    {"NOOP", "", kAny, run_noop, true},
    {"LOGOUT", "", kAny, run_logout, true},
    {"ID", "ID", kAny, run_id, true},
    {"STARTTLS", "", kStart, run_starttls, true},
    {"AUTHENTICATE", "", kStart, run_authenticate, true},
    {"LOGIN", "", kStart, run_login, true},
    {"ENABLE", "ENABLE", kLoggedIn, run_enable, true},
    {"SELECT", "", kLoggedIn, run_select, true},
    {"EXAMINE", "", kLoggedIn, run_examine, true},
    {"CREATE", "", kLoggedIn, run_create, true},
    {"DELETE", "", kLoggedIn, run_delete, true},
    {"RENAME", "", kLoggedIn, run_rename, true},
    {"SUBSCRIBE", "", kLoggedIn, run_subscribe, true},
    {"UNSUBSCRIBE", "", kLoggedIn, run_unsubscribe, true},
    {"LIST", "", kLoggedIn, run_list, true},
    {"LSUB", "", kLoggedIn, run_lsub, true},
    {"NAMESPACE", "NAMESPACE", kLoggedIn, run_namespace, true},
    {"STATUS", "", kLoggedIn, run_status, true},
    {"APPEND", "", kLoggedIn, run_append, true},
    {"IDLE", "IDLE", kLoggedIn, run_idle, true},
    {"COMPRESS", "COMPRESS=DEFLATE", kLoggedIn, run_compress, true},
    {"UNAUTHENTICATE", "UNAUTHENTICATE", kLoggedIn, run_unauthenticate, true},
    {"LANGUAGE", "LANGUAGE", kAny, run_language, true},
    {"COMPARATOR", "I18NLEVEL=2", kLoggedIn, run_comparator, true},
    {"SETACL", "ACL", kLoggedIn, run_setacl, true},
    {"DELETEACL", "ACL", kLoggedIn, run_deleteacl, true},
    {"GETACL", "ACL", kLoggedIn, run_getacl, true},
    {"LISTRIGHTS", "ACL", kLoggedIn, run_listrights, true},
    {"MYRIGHTS", "ACL", kLoggedIn, run_myrights, true},
    {"GETQUOTA", "QUOTA", kLoggedIn, run_getquota, true},
    {"GETQUOTAROOT", "QUOTA", kLoggedIn, run_getquotaroot, true},
    {"SETQUOTA", "QUOTASET", kLoggedIn, run_setquota, true},
    {"GETMETADATA", "METADATA-SERVER", kLoggedIn, run_getmetadata, true},
    {"SETMETADATA", "METADATA-SERVER", kLoggedIn, run_setmetadata, true},
    {"GENURLAUTH", "URLAUTH", kLoggedIn, run_genurlauth, true},
    {"RESETKEY", "URLAUTH", kLoggedIn, run_resetkey, true},
    {"URLFETCH", "URLAUTH", kLoggedIn, run_urlfetch, true},
    {"NOTIFY", "NOTIFY", kLoggedIn, run_notify, true},
    {"ESEARCH", "MULTISEARCH", kLoggedIn, run_esearch, true},
    {"CANCELUPDATE", "CONTEXT=SEARCH", kSelected, run_cancelupdate, true},
    {"CHECK", "", kSelected, run_check, true},
    {"CLOSE", "", kSelected, run_close, true},
    {"UNSELECT", "UNSELECT", kSelected, run_unselect, true},
    {"EXPUNGE", "", kSelected, run_expunge, true},
    {"COPY", "", kSelected, run_copy, true, true},
    {"MOVE", "MOVE", kSelected, run_move, true, true},
    {"UID FETCH", "", kSelected, run_fetch, true},
    {"UID STORE", "", kSelected, run_store, true},
    {"UID SEARCH", "", kSelected, run_search, true},
    {"UID SORT", "SORT", kSelected, run_sort, true},
    {"UID THREAD", "", kSelected, run_thread, true},
    {"UID COPY", "", kSelected, run_copy, true},
    {"UID MOVE", "MOVE", kSelected, run_move, true},
    {"UID REPLACE", "REPLACE", kSelected, run_replace, true},
    {"REPLACE", "REPLACE", kSelected, run_replace, true, true},
    {"UID EXPUNGE", "UIDPLUS", kSelected, run_expunge, true},
    // So it stands in the text of RFC 7377 section 2.
    {"UID ESEARCH", "MULTISEARCH", kLoggedIn, run_esearch, true},
    // RFC 3501 section 7.4.1: numbers must not change while these speak in them.
    {"FETCH", "", kSelected, run_fetch, false, true},
    {"STORE", "", kSelected, run_store, false, true},
    {"SEARCH", "", kSelected, run_search, false, true},
    {"SORT", "SORT", kSelected, run_sort, false, true},
    {"THREAD", "", kSelected, run_thread, false, true},
};

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::not_authenticated:
      return "not authenticated";
    case State::authenticated:
      return "authenticated";
    case State::selected:
      return "selected";
    case State::logout:
      return "logout";
  }
  return {};
}

std::span<const CommandInfo> commands() {
  return kCommands;
}

const CommandInfo* find_command(std::string_view name) {
  const auto* at = std::find_if(std::begin(kCommands), std::end(kCommands),
                                [name](const CommandInfo& c) { return equal_ci(c.name, name); });
  return at == std::end(kCommands) ? nullptr : at;
}

}  // namespace mailscope::imap
