// The services of a mail host: one table of names, ports and ways to TLS.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "server/policy/switches.hpp"

namespace mailscope::host {

using policy::Protocol;

enum class Service : std::uint8_t {
  mx,
  submission,
  submissions,
  imap,
  imaps,
  pop3,
  pop3s,
  lmtp,
  sieve
};

struct ServiceInfo {
  Service service;
  std::string_view name;  // also the key in the settings of `mailscope serve`
  Protocol protocol;
  std::uint16_t port;  // IANA's number
  bool implicit_tls;   // RFC 8314 section 3: TLS from the first octet
};

inline constexpr std::array<ServiceInfo, 9> kServices = {{
    {Service::mx, "smtp", Protocol::smtp, 25, false},
    {Service::submission, "submission", Protocol::smtp, 587, false},
    {Service::submissions, "submissions", Protocol::smtp, 465, true},
    {Service::imap, "imap", Protocol::imap, 143, false},
    {Service::imaps, "imaps", Protocol::imap, 993, true},
    {Service::pop3, "pop3", Protocol::pop3, 110, false},
    {Service::pop3s, "pop3s", Protocol::pop3, 995, true},
    {Service::lmtp, "lmtp", Protocol::lmtp, 24, false},
    {Service::sieve, "sieve", Protocol::sieve, 4190, false},
}};

/// LMTP is SMTP with another greeting and more answers (RFC 2033).
constexpr bool speaks_smtp(Protocol protocol) {
  return protocol == Protocol::smtp || protocol == Protocol::lmtp;
}

constexpr const ServiceInfo& info(Service service) {
  return kServices[static_cast<std::size_t>(service)];
}

}  // namespace mailscope::host
