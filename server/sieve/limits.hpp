// What a Sieve script may cost. Scripts are written by users and run for every message, so each
// list, depth and loop has its bound (RFC 5228 section 2.10.4, section 2.10.7).
#pragma once

#include <cstddef>
#include <cstdint>

namespace mailscope::sieve {

struct Limits {
  std::size_t script = 262'144;     // octets: hand-written scripts have some kilobytes
  std::size_t depth = 32;           // nested blocks and tests; RFC 5228 section 2.10.7 asks for 15
  std::size_t statements = 10'000;  // commands and tests in a script, each some hundred octets
  std::size_t problems = 10;        // told of one script: more help nobody
  std::size_t redirects = 4;        // of one run (RFC 5228 section 10): a script is no mailing list
  std::size_t notified = 4;         // addresses of one run (RFC 5435 section 8)
  std::size_t actions = 32;         // of one run: copies of a message cost disk
  std::size_t variables = 256;      // RFC 5229 section 6 asks for 128
  std::size_t variable_name = 64;   // octets; RFC 5229 section 6 asks for 32
  std::size_t variable = 16'384;    // octets of a value; RFC 5229 section 6 asks for 4,000
  std::size_t expanded = 262'144;   // octets of a string after its variables were filled in
  std::size_t flags = 64;           // of one message; IMAP clients show a handful
  std::size_t steps = 100'000;      // commands and tests that one run executes
  std::uint64_t work = 50'000'000;  // octets that one run looks at: about a tenth of a second
  std::uint64_t looks = 16;         // times that it may look at the whole message besides
  std::uint32_t match_variable = 99;  // ${99}; RFC 5229 section 6 asks for nine
};

}  // namespace mailscope::sieve
