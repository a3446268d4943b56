// AUTHENTICATE (RFC 3501 section 6.2.2) with initial response (RFC 4959).
//
//   C: a AUTHENTICATE PLAIN
//   S: +
//   C: AGFsaWNlAHNlY3JldA==
//   S: a OK [CAPABILITY IMAP4rev1 ...] Logged in
#include <optional>
#include <utility>

#include "server/imap/commands/commands.hpp"
#include "server/imap/shown_command.hpp"
#include "server/mail/encoding.hpp"

namespace mailscope::imap {
namespace {

class Exchange final : public Ongoing {
 public:
  explicit Exchange(std::unique_ptr<auth::SaslServer> server) : server_(std::move(server)) {}

  std::size_t line_limit() const override { return kMaxSaslLine; }
  std::string_view verb() const override { return "AUTHENTICATE"; }
  std::string shown_line(std::string_view line) const override {
    return std::string(line == "*" ? line : kRedacted);
  }

  std::optional<Reply> on_line(Session& session, std::string_view line) override {
    // RFC 3501 section 6.2.2: "*" cancels, and the answer to it is BAD.
    if (line == "*") return bad("Authentication cancelled");
    const auto decoded = mail::base64_decode_strict(line);
    if (!decoded) return bad("Not base64");
    return step(session, server_->respond(*decoded));
  }

  std::optional<Reply> step(Session& session, const auth::SaslStep& step) {
    using Kind = auth::SaslStep::Kind;
    switch (step.kind) {
      case Kind::challenge:
        session.out().line("+", mail::base64_encode(step.challenge));
        return std::nullopt;
      case Kind::malformed:
        return bad("The response does not fit the mechanism");
      case Kind::failure:
        return refused(session, step);
      case Kind::success:
        return session.authenticated(step.user, server_->mechanism(), step.account);
    }
    return std::nullopt;
  }

  auth::SaslServer& server() { return *server_; }

 private:
  Reply refused(Session& session, const auth::SaslStep& step) {
    Reply reply = session.authenticated(step.user, server_->mechanism(), std::nullopt, step.reason);
    // RFC 5530 section 3.
    if (step.not_authorized) {
      reply.code = "AUTHORIZATIONFAILED";
      reply.text = "Nobody may act for somebody else";
    }
    return reply;
  }

  std::unique_ptr<auth::SaslServer> server_;
};

}  // namespace

Outcome run_authenticate(Session& session, Cursor& arguments, Numbering) {
  std::string_view name;
  if (!arguments.space() || !arguments.atom(name)) return syntax_error(arguments);
  std::optional<std::string> initial;
  if (!arguments.at_end()) {
    if (!session.offers("SASL-IR") || !arguments.space()) return syntax_error(arguments);
    // RFC 4959 section 3: "=" is an empty initial response.
    const std::string_view text = arguments.rest();
    initial = text == "=" ? std::string() : mail::base64_decode_strict(text);
    if (!initial || text.empty()) return bad("The initial response is not base64");
  }
  const auth::SaslContext context = session.sasl_context();
  const auth::SaslChoice choice = auth::choose_mechanism(name, context);
  if (choice.refusal == auth::SaslRefusal::unknown) return no("No such mechanism", "CANNOT");
  const std::string capability = "AUTH=" + std::string(choice.mechanism->name);
  if (const auto deviation = session.switches().at_use(capability, "NO Not possible now")) {
    return deviated(*deviation);
  }
  // RFC 3501 section 11.1, RFC 5530 section 3.
  if (choice.refusal == auth::SaslRefusal::needs_tls) {
    return no("Not without TLS: anybody on the way could read the password", "PRIVACYREQUIRED");
  }
  auto exchange = std::make_unique<Exchange>(choice.mechanism->make(context));
  const auth::SaslStep first =
      initial ? exchange->server().start(*initial) : exchange->server().start(std::nullopt);
  if (auto reply = exchange->step(session, first)) return std::move(*reply);
  return exchange;
}

}  // namespace mailscope::imap
