// The certificate authority of a world: one key, one root certificate, and a certificate for each
// host that speaks TLS. Nothing is made before it is first asked for (a P-256 key and its signature
// cost a fraction of a millisecond, but a world has many hosts and most runs need few of them).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/net/address.hpp"
#include "server/net/network.hpp"
#include "server/net/time.hpp"
#include "server/net/tls.hpp"

namespace mailscope::net {

/// How long a certificate of a host holds: what browsers and mail programs accept at most.
inline constexpr Duration kCertificateLife = std::chrono::hours(24 * 397);
/// How long the root holds: longer than any course.
inline constexpr Duration kRootLife = std::chrono::hours(24 * 3650);
/// How long a list of revoked certificates holds: clients fetch a new one then. It begins an hour
/// before it is made, for clocks that are behind.
inline constexpr Duration kRevocationLife = std::chrono::hours(24 * 7);
inline constexpr Duration kRevocationHeadStart = std::chrono::hours(1);
/// Certificates begin this long before they are made, for clients whose clock is behind.
inline constexpr Duration kCertificateHeadStart = std::chrono::hours(24);

/// Whom a certificate is for. Host names in lower case, A-labels, without a final dot.
struct CertificateNames {
  std::vector<std::string> hosts;
  std::vector<Address> addresses;
};

struct Validity {
  Time from;
  Time until;
  /// What holds at `now` and for the usual time after it.
  static Validity at(Time now) { return {now - kCertificateHeadStart, now + kCertificateLife}; }
};

/// A root certificate and its key, as kept in files between two runs of a server.
struct RootPem {
  std::string certificate;
  std::string key;
};

/// The same entropy, names and dates give the same certificate, whatever else was issued before.
class WorldCa {
 public:
  /// `name` is the root's common name. `now` dates the root.
  WorldCa(std::unique_ptr<Entropy> entropy, Time now, std::string name = "Mailscope world CA");
  /// Goes on with a root that was exported. Throws std::runtime_error when the texts are no
  /// certificate and key that belong together.
  WorldCa(std::unique_ptr<Entropy> entropy, const RootPem& root);
  ~WorldCa();
  WorldCa(const WorldCa&) = delete;
  WorldCa& operator=(const WorldCa&) = delete;

  /// The root's certificate: what clients trust.
  const std::string& certificate_pem();
  /// Where the list of revoked certificates is: in every certificate that is issued from now on
  /// (RFC 5280 section 4.2.1.13). Empty: they name none.
  void set_revocation_url(std::string url) { revocation_url_ = std::move(url); }
  const std::string& revocation_url() const { return revocation_url_; }
  /// The list itself (RFC 5280 section 5), DER: a world's authority revokes nothing, so it is
  /// empty.
  std::string revocation_list(Time now);
  /// The root's certificate and its secret key.
  RootPem export_root();
  /// A server certificate with its key. At least one name is needed.
  TlsIdentity issue(const CertificateNames& names, const Validity& validity);
  /// The same, but signed with its own key: what a careless administrator runs.
  TlsIdentity self_signed(const CertificateNames& names, const Validity& validity);

 private:
  struct Root;
  Root& root();

  std::unique_ptr<Entropy> entropy_;
  Time now_{};
  std::string name_;
  std::string revocation_url_;
  std::unique_ptr<Root> root_;
};

}  // namespace mailscope::net
