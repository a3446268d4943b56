#include "server/auth/sasl_client.hpp"

#include <array>
#include <charconv>

#include "server/auth/prepare.hpp"
#include "server/auth/scram.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::auth {
namespace {

class Plain final : public SaslClient {
 public:
  explicit Plain(const SaslCredentials& c) : message_('\0' + c.user + '\0' + c.password) {}
  std::string_view mechanism() const override { return "PLAIN"; }
  bool plaintext() const override { return true; }
  std::optional<std::string> initial() override { return message_; }
  std::optional<std::string> respond(std::string_view) override { return std::nullopt; }

 private:
  std::string message_;
};

class Login final : public SaslClient {
 public:
  explicit Login(const SaslCredentials& c) : answers_{c.user, c.password} {}
  std::string_view mechanism() const override { return "LOGIN"; }
  bool plaintext() const override { return true; }
  std::optional<std::string> initial() override { return std::nullopt; }
  std::optional<std::string> respond(std::string_view) override {
    if (step_ == answers_.size()) return std::nullopt;
    return answers_[step_++];
  }

 private:
  std::array<std::string, 2> answers_;
  std::size_t step_ = 0;
};

class CramMd5 final : public SaslClient {
 public:
  explicit CramMd5(const SaslCredentials& c)
      : user_(c.user), password_(sasl_prepare(c.password).value_or(c.password)) {}
  std::string_view mechanism() const override { return "CRAM-MD5"; }
  bool plaintext() const override { return false; }
  std::optional<std::string> initial() override { return std::nullopt; }
  std::optional<std::string> respond(std::string_view challenge) override {
    if (std::exchange(answered_, true)) return std::nullopt;
    return user_ + ' ' + hex(hmac(Hash::md5, password_, challenge));
  }

 private:
  std::string user_, password_;
  bool answered_ = false;
};

class Bearer final : public SaslClient {
 public:
  Bearer(const SaslCredentials& c, bool xoauth2) : xoauth2_(xoauth2) {
    constexpr char kSeparator = '\x01';
    // RFC 7628 section 3.1; XOAUTH2 has a name and no header.
    message_ = xoauth2 ? "user=" + c.user : "n,a=" + scram_escape(c.user) + ',';
    if (!xoauth2 && !c.host.empty()) message_ += kSeparator + ("host=" + c.host);
    message_ += kSeparator + ("auth=Bearer " + c.token) + kSeparator + kSeparator;
  }
  std::string_view mechanism() const override { return xoauth2_ ? "XOAUTH2" : "OAUTHBEARER"; }
  bool plaintext() const override { return true; }
  std::optional<std::string> initial() override { return message_; }
  std::optional<std::string> respond(std::string_view) override {
    // The server says in JSON why not, and waits for this to fail (RFC 7628 section 3.2.3).
    if (std::exchange(refused_, true)) return std::nullopt;
    return xoauth2_ ? std::string() : std::string(1, '\x01');
  }
  bool trusts_success() const override { return !refused_; }

 private:
  std::string message_;
  bool xoauth2_;
  bool refused_ = false;
};

class Scram final : public SaslClient {
 public:
  Scram(std::string_view name, Hash hash, bool plus, const SaslCredentials& c)
      : name_(name),
        hash_(hash),
        password_(sasl_prepare(c.password).value_or(c.password)),
        nonce_(c.nonce),
        first_("n=" + scram_escape(sasl_prepare(c.user).value_or(c.user)) + ",r=" + c.nonce) {
    if (!plus) return;
    // RFC 9266 section 3 for TLS 1.3; what older servers know for TLS 1.2.
    for (const std::string_view type : {"tls-exporter", "tls-unique", "tls-server-end-point"}) {
      const std::string* data = c.tls ? c.tls->bindings.find(type) : nullptr;
      if (!data) continue;
      gs2_header_ = "p=" + std::string(type) + ",,";
      binding_data_ = *data;
      return;
    }
  }
  bool binds() const { return gs2_header_[0] == 'p'; }
  std::string_view mechanism() const override { return name_; }
  bool plaintext() const override { return false; }
  std::optional<std::string> initial() override { return gs2_header_ + first_; }
  std::optional<std::string> respond(std::string_view challenge) override {
    switch (stage_) {
      case Stage::first:
        return answer(challenge);
      case Stage::proof: {
        ScramFields fields(challenge);
        const auto verifier = fields.take('v');
        if (!verifier || mail::base64_decode_strict(*verifier) != server_signature_) {
          return std::nullopt;  // "e=" for an error, or an impostor
        }
        stage_ = Stage::verified;
        return std::string();
      }
      case Stage::verified:
        break;
    }
    return std::nullopt;
  }
  bool trusts_success() const override { return stage_ == Stage::verified; }

 private:
  enum class Stage : std::uint8_t { first, proof, verified };

  std::optional<std::string> answer(std::string_view challenge) {
    ScramFields fields(challenge);
    const auto nonce = fields.take('r');
    const auto salt = nonce ? fields.take('s') : std::nullopt;
    const auto count = salt ? fields.take('i') : std::nullopt;
    const auto octets = salt ? mail::base64_decode_strict(*salt) : std::nullopt;
    if (!count || !octets || octets->empty()) return std::nullopt;
    int iterations = 0;
    const char* end = count->data() + count->size();
    if (std::from_chars(count->data(), end, iterations).ptr != end) return std::nullopt;
    // RFC 5802 section 5.1: the server's nonce continues ours.
    const bool continues = nonce->size() > nonce_.size() && nonce->starts_with(nonce_);
    if (!continues || !is_scram_nonce(*nonce) || iterations < 1 ||
        iterations > kMaxScramIterations) {
      return std::nullopt;
    }
    const std::string final_part =
        "c=" + mail::base64_encode(gs2_header_ + binding_data_) + ",r=" + std::string(*nonce);
    const ScramAnswer made = scram_answer(hash_, password_, *octets, iterations,
                                          first_ + ',' + std::string(challenge) + ',' + final_part);
    server_signature_ = made.server_signature;
    stage_ = Stage::proof;
    return final_part + ",p=" + mail::base64_encode(made.proof);
  }

  std::string_view name_;
  Hash hash_;
  std::string password_, nonce_;
  std::string first_;  // client-first-message-bare
  std::string gs2_header_ = "n,,";
  std::string binding_data_, server_signature_;
  Stage stage_ = Stage::first;
};

template <Hash hash, bool plus>
std::unique_ptr<SaslClient> scram(std::string_view name, const SaslCredentials& c) {
  if (c.nonce.empty()) return nullptr;
  auto client = std::make_unique<Scram>(name, hash, plus, c);
  if (plus && !client->binds()) return nullptr;
  return client;
}
template <typename Mechanism>
std::unique_ptr<SaslClient> simple(std::string_view, const SaslCredentials& c) {
  return std::make_unique<Mechanism>(c);
}
template <bool xoauth2>
std::unique_ptr<SaslClient> bearer(std::string_view, const SaslCredentials& c) {
  if (c.token.empty()) return nullptr;
  return std::make_unique<Bearer>(c, xoauth2);
}

struct Row {
  std::string_view name;
  std::unique_ptr<SaslClient> (*make)(std::string_view name, const SaslCredentials& credentials);
};
constexpr auto kClients = std::to_array<Row>({
    {"SCRAM-SHA-256-PLUS", &scram<Hash::sha256, true>},
    {"SCRAM-SHA-256", &scram<Hash::sha256, false>},
    {"SCRAM-SHA-1-PLUS", &scram<Hash::sha1, true>},
    {"SCRAM-SHA-1", &scram<Hash::sha1, false>},
    {"CRAM-MD5", &simple<CramMd5>},
    {"PLAIN", &simple<Plain>},
    {"LOGIN", &simple<Login>},
    {"OAUTHBEARER", &bearer<false>},
    {"XOAUTH2", &bearer<true>},
});

}  // namespace

std::unique_ptr<SaslClient> make_sasl_client(std::string_view mechanism,
                                             const SaslCredentials& credentials) {
  for (const Row& row : kClients) {
    if (mail::iequals(row.name, mechanism)) return row.make(row.name, credentials);
  }
  return nullptr;
}

}  // namespace mailscope::auth
