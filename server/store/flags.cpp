// Arithmetic of message flags, and the words for store errors.
#include "server/store/flags.hpp"

#include <algorithm>

namespace mailscope::store {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool less(const std::string& a, const std::string& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return lower(x) < lower(y); });
}

bool equal(const std::string& a, const std::string& b) {
  return !less(a, b) && !less(b, a);
}

/// A keyword is an atom: printable, no spaces. Whatever else arrives here was let through by
/// mistake.
bool is_word(const std::string& keyword) {
  return !keyword.empty() &&
         std::all_of(keyword.begin(), keyword.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

}  // namespace

Flags normalised(Flags flags) {
  auto& words = flags.keywords;
  std::erase_if(words, [](const std::string& word) { return !is_word(word); });
  std::stable_sort(words.begin(), words.end(), less);
  words.erase(std::unique(words.begin(), words.end(), equal), words.end());
  return flags;
}

Flags changed_flags(const Flags& current, FlagChange change, const Flags& given) {
  Flags result;
  const auto& now = current.keywords;
  const auto& asked = given.keywords;
  auto out = std::back_inserter(result.keywords);
  switch (change) {
    case FlagChange::set:
      result.system = given.system;
      // The spelling of `now` for those that stay, that of `asked` for the new ones.
      std::set_intersection(now.begin(), now.end(), asked.begin(), asked.end(), out, less);
      std::set_difference(asked.begin(), asked.end(), now.begin(), now.end(), out, less);
      std::sort(result.keywords.begin(), result.keywords.end(), less);
      break;
    case FlagChange::add:
      result.system = current.system | given.system;
      std::set_union(now.begin(), now.end(), asked.begin(), asked.end(), out, less);
      break;
    case FlagChange::remove:
      result.system = static_cast<std::uint8_t>(current.system & ~given.system);
      std::set_difference(now.begin(), now.end(), asked.begin(), asked.end(), out, less);
      break;
  }
  return result;
}

bool same_flags(const Flags& a, const Flags& b) {
  return a.system == b.system && std::equal(a.keywords.begin(), a.keywords.end(),
                                            b.keywords.begin(), b.keywords.end(), equal);
}

std::vector<Uid> sorted_unique(std::vector<Uid> uids) {
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

std::string_view to_string(StoreError error) {
  switch (error) {
    case StoreError::none:
      return "no error";
    case StoreError::no_such_account:
      return "no such account";
    case StoreError::no_such_mailbox:
      return "no such mailbox";
    case StoreError::already_exists:
      return "a mailbox of that name exists already";
    case StoreError::bad_name:
      return "not a valid mailbox name";
    case StoreError::over_quota:
      return "the account's quota is used up";
    case StoreError::has_children:
      return "the mailbox has mailboxes below it";
    case StoreError::not_permitted:
      return "not permitted";
    case StoreError::no_such_message:
      return "no such message";
    case StoreError::no_such_script:
      return "no such script";
    case StoreError::too_many:
      return "there are too many already";
    case StoreError::too_large:
      return "too large";
  }
  return "unknown error";
}

}  // namespace mailscope::store
