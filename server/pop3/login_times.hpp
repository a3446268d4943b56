// When each account logged in last, for LOGIN-DELAY (RFC 2449 section 6.5): what all sessions of a
// host share.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "server/net/time.hpp"

namespace mailscope::pop3 {

class LoginTimes {
 public:
  /// A login of an account that exists, which bounds the table. False: it comes too soon after the
  /// last one that was let in, and does not count.
  bool let_in(std::string_view account, net::Time now, net::Duration delay) {
    const auto found = last_.find(account);
    if (found == last_.end()) {
      last_.emplace(account, now);
      return true;
    }
    if (now - found->second < delay) return false;
    found->second = now;
    return true;
  }

 private:
  std::map<std::string, net::Time, std::less<>> last_;
};

}  // namespace mailscope::pop3
