#include "server/dns/server.hpp"

#include "server/dns/deviation.hpp"
#include "server/dns/interpret.hpp"

namespace mailscope::dns {
namespace {

/// Records the response as an effect of the query, and sends it as an effect of that record.
void respond(const Environment& environment, const ServerQuery& query, const Message& message,
             const std::string& wire) {
  const trace::CauseScope scope(environment.sink, query.cause);
  if (!environment.sink.wants(trace::Kind::dns_response)) return query.reply(wire);
  // What was cut off to fit is not shown: the trace says what left.
  Message shown;
  if (message.truncated) shown = decode(wire).value.value_or(Message());
  const Message& sent = message.truncated ? shown : message;
  const bool question = !sent.questions.empty();
  trace::Origin origin = environment.origin(query.client.address);
  origin.connection = query.connection;
  const auto event = environment.sink.record(
      trace::Kind::dns_response, origin,
      {sent.id, question ? trace_name(sent.questions.front().name) : std::string(),
       question ? to_string(sent.questions.front().type) : std::string(), to_string(sent.rcode),
       sent.flags_text(), section_text(sent.answers), section_text(sent.authority),
       section_text(sent.additional), wire.size()});
  environment.sink.set_cause(event);
  query.reply(wire);
}

void respond(const Environment& environment, const ServerQuery& query, Message message,
             std::size_t limit) {
  const std::string wire = encode(message, limit);
  message.truncated = decode_header(wire)->truncated;
  respond(environment, query, message, wire);
}

/// True when a lesson switch took the place of the answer.
bool deviated(const Environment& environment, policy::Switches* switches, ServerQuery& query,
              bool recursion_available) {
  if (switches == nullptr) return false;
  auto instead = deviate(*switches, query.wire, query.transport, query.client.address);
  if (!instead) return false;
  if (instead->answer) {
    Message& answer = *instead->answer;
    answer.recursion_available = recursion_available && answer.rcode != Rcode::refused;
    answer.authoritative =
        !recursion_available && (answer.rcode == Rcode::noerror || answer.rcode == Rcode::nxdomain);
    respond(environment, query, answer, encode(answer, kMinUdpPayload));
  } else if (query.drop) {
    query.drop();
  }
  return true;
}

/// Clients' queries that wait at a time; more are answered with SERVFAIL at once.
constexpr std::size_t kMaxWaiting = 4096;

Rcode rcode_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
    case Outcome::nodata:
      return Rcode::noerror;
    case Outcome::nxdomain:
      return Rcode::nxdomain;
    case Outcome::servfail:
    case Outcome::timeout:
      return Rcode::servfail;
  }
  return Rcode::servfail;
}

}  // namespace

AuthorityServer::AuthorityServer(const Environment& environment, const Authority& authority,
                                 const ServerOptions& options)
    : environment_(environment),
      authority_(authority),
      switches_(options.switches),
      transport_(environment, options, [this](ServerQuery query) { handle(std::move(query)); }) {}

void AuthorityServer::handle(ServerQuery query) {
  if (deviated(environment_, switches_, query, false)) return;
  const auto response = authority_.answer(query.wire, query.transport);
  if (response) respond(environment_, query, response->message, response->wire);
}

ResolverServer::ResolverServer(const Environment& environment, RecursiveResolver& resolver,
                               ResolverServerOptions options)
    : environment_(environment),
      resolver_(resolver),
      options_(std::move(options)),
      transport_(environment, options_.server,
                 [this](ServerQuery query) { handle(std::move(query)); }) {}

void ResolverServer::handle(ServerQuery query) {
  if (deviated(environment_, options_.server.switches, query, true)) return;
  Intake intake = take_in(query.wire);
  if (intake.refusal) {
    // RFC 1035 section 4.1.1: RA tells of the server, whatever it answers.
    intake.refusal->recursion_available = true;
    return respond(environment_, query, *std::move(intake.refusal), kMinUdpPayload);
  }
  if (!intake.query) return;
  // Without RD a client asks what is in the cache, which is nobody's business; what resolvers
  // commonly answer.
  const bool allowed = !options_.allow || options_.allow(query.client.address);
  if (!allowed || !intake.query->recursion_desired || waiting_.size() >= kMaxWaiting) {
    Message refusal = make_response(*intake.query);
    refusal.recursion_available = true;
    refusal.rcode = allowed && intake.query->recursion_desired ? Rcode::servfail : Rcode::refused;
    return respond(environment_, query, std::move(refusal), kMinUdpPayload);
  }
  const Question question = intake.query->questions.front();
  if (const auto cached = resolver_.from_cache(question.name, question.type)) {
    return answer(query, *intake.query, *cached);
  }
  const std::uint64_t number = ++last_;
  Waiting& waiting = waiting_[number];
  waiting.query = std::move(query);
  waiting.message = *std::move(intake.query);
  waiting.lookup =
      resolver_.resolve(question.name, question.type,
                        [this, number](const Answer& answer) { answered(number, answer); });
}

void ResolverServer::answered(std::uint64_t number, const Answer& found) {
  const auto node = waiting_.extract(number);
  answer(node.mapped().query, node.mapped().message, found);
}

void ResolverServer::answer(const ServerQuery& query, const Message& message,
                            const Answer& answer) {
  Message response = make_response(message);
  response.recursion_available = true;
  response.rcode = rcode_of(answer.outcome);
  response.answers = answer.records;
  // RFC 2308 section 6: a cached negative answer goes on with its SOA.
  if (answer.soa && answer.outcome != Outcome::ok) response.authority.push_back(*answer.soa);
  respond(environment_, query, std::move(response), response_limit(message, query.transport));
}

}  // namespace mailscope::dns
