// The table of uses, and how one moves from one mailbox to another.
#include "server/imap/special_use.hpp"

#include <algorithm>

#include "server/imap/unicode.hpp"
#include "server/store/mailbox_names.hpp"

namespace mailscope::imap {
namespace {

// The last one is of RFC 8457. \All would be a mailbox that shows what is in others.
constexpr std::string_view kSpecialUses[] = {"\\Archive", "\\Drafts", "\\Flagged",  "\\Junk",
                                             "\\Sent",    "\\Trash",  "\\Important"};

// Calls `each` with every use of a list.
template <typename Each>
void for_each_use(std::string_view uses, Each each) {
  while (!uses.empty()) {
    const std::string_view one = uses.substr(0, uses.find(' '));
    if (!one.empty()) each(one);
    uses.remove_prefix(std::min(one.size() + 1, uses.size()));
  }
}

std::string without(std::string_view uses, std::string_view taken) {
  std::string left;
  for_each_use(uses, [&](std::string_view one) {
    if (store::has_use(taken, one)) return;
    if (!left.empty()) left += ' ';
    left += one;  // as it is: a Sieve script may have made one that IMAP does not know
  });
  return left;
}

}  // namespace

bool is_special_use(const Session& session, store::MailboxId mailbox, std::string_view entry) {
  return mailbox != 0 && entry == kSpecialUseEntry && session.offers("SPECIAL-USE");
}

bool add_special_use(std::string& uses, std::string_view use) {
  const auto* at = std::find_if(std::begin(kSpecialUses), std::end(kSpecialUses),
                                [use](std::string_view known) { return equal_ci(known, use); });
  if (at == std::end(kSpecialUses)) return false;
  if (store::has_use(uses, use)) return true;
  if (!uses.empty()) uses += ' ';
  uses += *at;
  return true;
}

std::optional<std::string> parse_special_uses(std::string_view text) {
  std::string uses;
  bool known = true;
  for_each_use(text, [&](std::string_view one) { known = add_special_use(uses, one) && known; });
  return known ? std::optional(std::move(uses)) : std::nullopt;
}

store::StoreError set_special_uses(Session& session, store::MailboxId mailbox,
                                   std::string_view uses) {
  store::MailStore& store = session.store();
  for (const store::MailboxInfo& other : store.mailboxes(session.account())) {
    const std::string left = without(other.special_use, uses);
    if (other.id == mailbox || left.size() == other.special_use.size()) continue;
    if (const auto error = store.set_special_use(other.id, left); error != store::StoreError::none)
      return error;
    ResponseWriter& out = session.out().begin("*").text("METADATA ").mailbox(other.name);
    out.text(" (").text(kSpecialUseEntry).text(" ");
    if (left.empty())
      out.text("NIL");
    else
      out.string(left);
    out.text(")").end();
  }
  return store.set_special_use(mailbox, uses);
}

}  // namespace mailscope::imap
