// The rules of mailbox names: validity, parents, renaming.
#include "server/store/mailbox_names.hpp"

#include <algorithm>
#include <cstdint>

#include "server/mail/normal_form.hpp"
#include "server/mail/text.hpp"

namespace mailscope::store {

const std::vector<DefaultMailbox> kDefaultMailboxes = {
    {"Archive", "\\Archive"}, {"Drafts", "\\Drafts"}, {"Junk", "\\Junk"},
    {"Sent", "\\Sent"},       {"Trash", "\\Trash"},
};

bool has_use(std::string_view special_uses, std::string_view use) {
  while (!special_uses.empty()) {
    const std::string_view one = special_uses.substr(0, special_uses.find(' '));
    if (mail::iequals(one, use)) return true;
    special_uses.remove_prefix(std::min(one.size() + 1, special_uses.size()));
  }
  return false;
}

namespace {

/// Octets of the character at the start of `text`, and the character; 0 when it is not UTF-8 as
/// RFC 3629 section 4 has it (no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t decode_utf8(std::string_view text, std::uint32_t& character) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (first < 0x80) {
    character = first;
    return 1;
  }
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  character = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return 0;
    character = character << 6 | (next & 0x3FU);
  }
  const std::uint32_t smallest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  return character < smallest || character > 0x10FFFF || surrogate ? 0 : size;
}

/// Controls, and the two separators that Net-Unicode leaves out (RFC 5198 section 2): a name with
/// them cannot be shown on one line.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

bool has_valid_characters(std::string_view name) {
  while (!name.empty()) {
    std::uint32_t character = 0;
    const std::size_t size = decode_utf8(name, character);
    if (size == 0 || is_control(character)) return false;
    name.remove_prefix(size);
  }
  return true;
}

bool has_valid_components(std::string_view name) {
  std::size_t depth = 0;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find(kSeparator, begin), name.size());
    const std::string_view component = name.substr(begin, end - begin);
    if (component.empty() || component == "." || component == "..") return false;
    if (++depth > kMaxMailboxDepth) return false;
    begin = end + 1;
  }
  return true;
}

bool equals_inbox(std::string_view component) {
  return component.size() == kInbox.size() &&
         std::equal(component.begin(), component.end(), kInbox.begin(), [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
         });
}

/// The parents of `name` that do not exist, outer first.
std::vector<std::string> missing_parents(const MailboxNames& existing, std::string_view name) {
  std::vector<std::string> missing;
  for (std::size_t end = name.find(kSeparator); end != std::string_view::npos;
       end = name.find(kSeparator, end + 1)) {
    const std::string_view parent = name.substr(0, end);
    if (!existing.contains(parent)) missing.emplace_back(parent);
  }
  return missing;
}

/// Calls visit(name) for each mailbox below `ancestor`.
template <typename Visit>
void for_each_below(const MailboxNames& existing, std::string_view ancestor, Visit visit) {
  const std::string prefix = std::string(ancestor) + kSeparator;
  for (auto it = existing.lower_bound(prefix);
       it != existing.end() && it->first.starts_with(prefix); ++it) {
    visit(it->first);
  }
}

}  // namespace

std::optional<std::string> canonical_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxMailboxName) return std::nullopt;
  if (!has_valid_components(name) || !has_valid_characters(name)) return std::nullopt;
  std::string canonical = mail::normal_form(name);
  if (canonical.size() > kMaxMailboxName) return std::nullopt;
  const std::size_t first = std::min(name.find(kSeparator), name.size());
  if (equals_inbox(name.substr(0, first))) canonical.replace(0, first, kInbox);
  return canonical;
}

bool is_below(std::string_view name, std::string_view ancestor) {
  return name.size() > ancestor.size() && name.starts_with(ancestor) &&
         name[ancestor.size()] == kSeparator;
}

StoreResult<std::vector<std::string>> plan_create(const MailboxNames& existing,
                                                  std::string_view name) {
  const auto canonical = canonical_name(name);
  if (!canonical) return StoreError::bad_name;
  if (existing.contains(*canonical)) return StoreError::already_exists;
  std::vector<std::string> plan = missing_parents(existing, *canonical);
  plan.push_back(*canonical);
  if (existing.size() + plan.size() > kMaxMailboxesPerAccount) return StoreError::too_many;
  return plan;
}

StoreResult<RenamePlan> plan_rename(const MailboxNames& existing, std::string_view from,
                                    std::string_view to) {
  const auto old_name = canonical_name(from);
  if (!old_name || !existing.contains(*old_name)) return StoreError::no_such_mailbox;
  const auto new_name = canonical_name(to);
  if (!new_name) return StoreError::bad_name;
  if (existing.contains(*new_name)) return StoreError::already_exists;

  RenamePlan plan;
  plan.from = *old_name;
  plan.to = *new_name;
  plan.create = missing_parents(existing, *new_name);
  plan.is_inbox = *old_name == kInbox;
  const std::size_t added = plan.create.size() + (plan.is_inbox ? 1 : 0);
  if (existing.size() + added > kMaxMailboxesPerAccount) return StoreError::too_many;
  if (plan.is_inbox) return plan;

  // A mailbox cannot become its own child: its old name would have to exist as its parent.
  if (is_below(*new_name, *old_name)) return StoreError::not_permitted;
  plan.rename.emplace_back(*old_name, *new_name);
  bool names_fit = true;
  for_each_below(existing, *old_name, [&](const std::string& child) {
    std::string renamed = *new_name + child.substr(old_name->size());
    names_fit = names_fit && canonical_name(renamed).has_value();
    plan.rename.emplace_back(child, std::move(renamed));
  });
  if (!names_fit) return StoreError::bad_name;
  return plan;
}

StoreResult<std::string> plan_remove(const MailboxNames& existing, std::string_view name) {
  const auto canonical = canonical_name(name);
  if (!canonical || !existing.contains(*canonical)) return StoreError::no_such_mailbox;
  if (*canonical == kInbox) return StoreError::not_permitted;
  bool has_children = false;
  for_each_below(existing, *canonical, [&](const std::string&) { has_children = true; });
  if (has_children) return StoreError::has_children;
  return *canonical;
}

}  // namespace mailscope::store
