#include "server/sieve/extensions.hpp"

#include <array>

namespace mailscope::sieve {

std::span<const Extension> extensions() {
  static constexpr auto kExtensions = std::to_array<Extension>({
      {"fileinto", "RFC 5228 section 4.1", ""},
      {"envelope", "RFC 5228 section 5.4", ""},
      {"encoded-character", "RFC 5228 section 2.4.2.4", ""},
      {"comparator-i;octet", "RFC 5228 section 2.7.3", ""},
      {"comparator-i;ascii-casemap", "RFC 5228 section 2.7.3", ""},
      {"comparator-i;ascii-numeric", "RFC 4790 section 9.1", ""},
      {"comparator-i;unicode-casemap", "RFC 5051", ""},
      {"variables", "RFC 5229", ""},
      {"relational", "RFC 5231", ""},
      {"imap4flags", "RFC 5232", ""},
      {"vacation", "RFC 5230", ""},
      {"vacation-seconds", "RFC 6131", "vacation"},
      {"reject", "RFC 5429 section 2.2", ""},
      {"ereject", "RFC 5429 section 2.1", ""},
      {"body", "RFC 5173", ""},
      {"copy", "RFC 3894", ""},
      {"subaddress", "RFC 5233", ""},
      {"mailbox", "RFC 5490 section 3", ""},
      {"mboxmetadata", "RFC 5490 section 3.3", ""},
      {"servermetadata", "RFC 5490 section 4", ""},
      {"special-use", "RFC 8579", ""},
      {"date", "RFC 5260 section 4", ""},
      {"index", "RFC 5260 section 6", ""},
      {"duplicate", "RFC 7352", ""},
      {"editheader", "RFC 5293", ""},
      {"environment", "RFC 5183", ""},
      {"enotify", "RFC 5435", ""},
      {"ihave", "RFC 5463", ""},
  });
  return kExtensions;
}

const Extension* find_extension(std::string_view name) {
  for (const Extension& extension : extensions()) {
    if (extension.name == name) return &extension;
  }
  return nullptr;
}

}  // namespace mailscope::sieve
