// Which octets in memory are which stored body: so that a message that is appended to ten mailboxes
// with one pointer is stored once, whether the pointer came from outside or from the store.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "server/store/mail_store.hpp"

namespace mailscope::store {

class BodyIdentities {
 public:
  struct Identity {
    std::int64_t body = 0;  // the store's number
    EmailId email = 0;
  };
  std::optional<Identity> find(const Body& body) const;
  void put(const Body& body, Identity identity);
  void clear();

 private:
  struct Entry {
    std::weak_ptr<const std::string> octets;  // whose address the key is, for as long as they live
    Identity identity;
  };
  std::map<const std::string*, Entry> entries_;
  std::size_t clean_at_ = 0;  // entries at which those of dead bodies are removed
};

}  // namespace mailscope::store
