// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677), SCRAM-SHA-1 and SCRAM-SHA-1-PLUS (RFC 5802), the
// server's side. The dialogue is in scram.hpp; behind the last message the client says nothing, and
// only then is it logged in: of the protocols here ManageSieve alone carries data with its success.
#include "server/auth/sasl_mechanisms.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::auth {
namespace {

constexpr std::size_t kMaxMessage = 4'096;  // octets; the longest name, nonce and binding fit

/// gs2-header of RFC 5802 section 7: how the client binds the channel, and for whom it acts.
struct Gs2Header {
  char flag = 'n';                      // n: does not bind; y: would, if the server did; p: binds
  std::string_view binding = {};        // name behind "p="
  std::string_view authorization = {};  // still escaped
  std::string_view text = {};           // all of it, with the comma at its end
};

std::optional<Gs2Header> take_gs2_header(std::string_view& message) {
  const std::string_view whole = message;
  Gs2Header header;
  const std::size_t first = message.find(',');
  const std::size_t second = message.find(',', first + 1);
  if (first == message.npos || second == message.npos) return std::nullopt;
  const std::string_view binding = message.substr(0, first);
  const std::string_view authorization = message.substr(first + 1, second - first - 1);
  if (binding.starts_with("p=") && binding.size() > 2) {
    header.flag = 'p';
    header.binding = binding.substr(2);
  } else if (binding == "n" || binding == "y") {
    header.flag = binding[0];
  } else {
    return std::nullopt;
  }
  if (!authorization.empty()) {
    // GNU SASL sends "a=" for none; it means what it says.
    if (!authorization.starts_with("a=")) return std::nullopt;
    header.authorization = authorization.substr(2);
  }
  header.text = whole.substr(0, second + 1);
  message.remove_prefix(second + 1);
  return header;
}

class Scram final : public SaslServer {
 public:
  Scram(std::string_view name, Hash hash, bool plus, const SaslContext& context)
      : name_(name), hash_(hash), plus_(plus), accounts_(context.accounts) {
    if (context.tls) bindings_ = context.tls->bindings;
    const SaslMechanism* with_binding =
        find_sasl_mechanism(plus ? std::string(name) : std::string(name) + "-PLUS");
    plus_offered_ = with_binding && sasl_refusal(*with_binding, context) == SaslRefusal::none;
  }

  std::string_view mechanism() const override { return name_; }

  SaslStep start(std::optional<std::string_view> initial) override {
    return initial ? respond(*initial) : sasl_challenge({});
  }

  SaslStep respond(std::string_view response) override {
    if (response.size() > kMaxMessage) return sasl_malformed(user_);
    switch (stage_) {
      case Stage::first:
        return client_first(response);
      case Stage::proof:
        return client_final(response);
      case Stage::end:
        break;
    }
    if (!response.empty()) return sasl_malformed(user_);
    return authorize(accounts_, user_, account_, authorization_);
  }

 private:
  enum class Stage : std::uint8_t { first, proof, end };

  SaslStep client_first(std::string_view message) {
    const auto header = take_gs2_header(message);
    if (!header || !mail::is_valid_utf8(message)) return sasl_malformed();
    const auto authorization = scram_unescape(header->authorization);
    // RFC 5802 section 5.1: an "m" extension must end the exchange where it is not known; it stands
    // where the name is expected. What follows the nonce is ignored.
    ScramFields fields(message);
    const auto name = fields.take('n');
    const auto nonce = name ? fields.take('r') : std::nullopt;
    const auto user = name ? scram_unescape(*name) : std::nullopt;
    if (!authorization || !user || !is_sasl_string(*user) || !nonce || !is_scram_nonce(*nonce) ||
        nonce->size() > kMaxScramNonce) {
      return sasl_malformed(user.value_or(std::string()));
    }
    user_ = *user;
    authorization_ = *authorization;
    if (const auto problem = binding_problem(*header)) return sasl_failure(user_, *problem);

    const Accounts::Scram found = accounts_.scram(user_, hash_);
    account_ = found.account;
    keys_ = found.keys;
    gs2_header_ = header->text;
    nonce_ = std::string(*nonce) + accounts_.nonce();
    const std::string server_first = "r=" + nonce_ + ",s=" + mail::base64_encode(keys_.salt) +
                                     ",i=" + std::to_string(keys_.iterations);
    auth_message_ = std::string(message) + ',' + server_first;
    stage_ = Stage::proof;
    return sasl_challenge(server_first, user_);
  }

  /// RFC 5802 section 6: what the flag means against what we offered.
  std::optional<std::string_view> binding_problem(const Gs2Header& header) {
    if (!plus_) {
      if (header.flag == 'p') return "channel binding needs the mechanism with -PLUS";
      // Somebody between the two may have taken -PLUS out of our list.
      if (header.flag == 'y' && plus_offered_) return "the client was not shown that we bind";
      return std::nullopt;
    }
    if (header.flag != 'p') return "-PLUS without channel binding";
    const std::string* data = bindings_.find(header.binding);
    if (data == nullptr) return "channel binding of a type that this session does not have";
    binding_data_ = *data;
    return std::nullopt;
  }

  SaslStep client_final(std::string_view message) {
    // RFC 5802 section 7: the proof comes last, and everything before it is signed.
    const std::size_t last = message.rfind(",p=");
    if (last == std::string_view::npos) return sasl_malformed(user_);
    ScramFields fields(message);
    const auto binding = fields.take('c');
    const auto nonce = binding ? fields.take('r') : std::nullopt;
    const auto decoded = binding ? mail::base64_decode_strict(*binding) : std::nullopt;
    const auto proof = mail::base64_decode_strict(message.substr(last + 3));
    if (!decoded || !nonce || !proof) return sasl_malformed(user_);
    if (*decoded != gs2_header_ + binding_data_) {
      return sasl_failure(user_, "the channel bindings do not match");
    }
    if (*nonce != nonce_) return sasl_failure(user_, "the nonce is not ours");
    auth_message_ += ',';
    auth_message_ += message.substr(0, last);
    const bool fits = scram_proof_fits(hash_, keys_, auth_message_, *proof);
    if (!fits || account_.empty()) return sasl_failure(user_, kWrongPassword);
    const SaslStep allowed = authorize(accounts_, user_, account_, authorization_);
    if (allowed.kind != SaslStep::Kind::success) return allowed;
    stage_ = Stage::end;
    SaslStep verifier = sasl_challenge(
        "v=" + mail::base64_encode(hmac(hash_, keys_.server_key, auth_message_)), user_);
    verifier.last = true;
    return verifier;
  }

  std::string_view name_;
  Hash hash_;
  bool plus_;
  bool plus_offered_ = false;
  const Accounts& accounts_;
  net::ChannelBindings bindings_;
  Stage stage_ = Stage::first;
  std::string user_, account_, authorization_;
  ScramKeys keys_;
  std::string gs2_header_, binding_data_, nonce_, auth_message_;
};

}  // namespace

std::unique_ptr<SaslServer> make_scram_sha256(const SaslContext& context) {
  return std::make_unique<Scram>("SCRAM-SHA-256", Hash::sha256, false, context);
}
std::unique_ptr<SaslServer> make_scram_sha256_plus(const SaslContext& context) {
  return std::make_unique<Scram>("SCRAM-SHA-256-PLUS", Hash::sha256, true, context);
}
std::unique_ptr<SaslServer> make_scram_sha1(const SaslContext& context) {
  return std::make_unique<Scram>("SCRAM-SHA-1", Hash::sha1, false, context);
}
std::unique_ptr<SaslServer> make_scram_sha1_plus(const SaslContext& context) {
  return std::make_unique<Scram>("SCRAM-SHA-1-PLUS", Hash::sha1, true, context);
}

}  // namespace mailscope::auth
