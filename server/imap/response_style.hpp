// How responses look for this client: everything that depends on what it has enabled is asked here.
#pragma once

#include "server/imap/capabilities.hpp"

namespace mailscope::imap {

class ResponseStyle {
 public:
  explicit ResponseStyle(EnabledSet enabled) : enabled_(enabled) {}

  /// RFC 9051: no \Recent, SEARCH answered with ESEARCH, LSUB's work done by LIST.
  bool rev2() const { return has(kRev2); }
  bool recent() const { return !rev2(); }
  /// Mailbox names and other quoted strings in UTF-8 (RFC 6855, RFC 9051 section 5.1).
  bool utf8() const { return has(kUtf8) || rev2(); }
  /// Untagged FETCH with changed flags carries MODSEQ (RFC 7162 section 3.2.4).
  bool modseq() const { return has(kCondstore) || has(kQresync); }
  /// VANISHED in the place of EXPUNGE (RFC 7162 section 3.2.10, RFC 9586 section 3).
  bool vanished() const { return has(kQresync) || uid_only(); }
  /// HIGHESTMODSEQ in the answers to commands that expunge (RFC 7162 section 3.2.7).
  bool qresync() const { return has(kQresync); }
  /// UIDFETCH in the place of FETCH, no message numbers (RFC 9586).
  bool uid_only() const { return has(kUidOnly); }

 private:
  bool has(EnabledSet what) const { return (enabled_ & what) != 0; }
  EnabledSet enabled_;
};

}  // namespace mailscope::imap
