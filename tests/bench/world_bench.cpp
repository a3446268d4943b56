// A large world: 1,000 mail domains, each with its name server, resolver, mail server, one person
// and a device (4,000 hosts). What it takes to build, and 10,000 messages among all of them.
//
//     $ bench_world [domains] [messages]
#include <memory>
#include <string>

#include "server/host/mail_host.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/world/world.hpp"
#include "tests/bench/measure.hpp"

namespace {

using namespace mailscope;

std::string domain(std::size_t i) {
  return "d" + std::to_string(i) + ".example";
}
std::string person(std::size_t i) {
  return "user@" + domain(i);
}

scenario::Scenario many_domains(std::size_t count) {
  std::string json = R"({ "title": "Benchmark", "domains": {)";
  for (std::size_t i = 0; i < count; ++i) {
    json += (i == 0 ? "\"" : ",\"") + domain(i) + R"(": { "users": ["user"], "tls": "none" })";
  }
  return scenario::load_scenario(json + "}}", "benchmark");
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t domains = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000;
  const std::size_t messages = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10'000;
  const bench::Group group(std::to_string(domains) + " domains");
  const double start = bench::resident_mib();
  const bench::CpuTime load_time;
  const scenario::Scenario scenario = many_domains(domains);
  group.figure("load the scenario", load_time.seconds() * 1e3, "ms");
  const bench::CpuTime build_time;
  world::World world(scenario, {});
  const double built = build_time.seconds();
  group.figure("build the world", built * 1e3, "ms",
               std::to_string(static_cast<int>(built / static_cast<double>(domains) * 1e6)) +
                   " us each domain");
  const double memory = bench::resident_mib() - start;
  group.figure("memory of the world", memory, "MiB",
               std::to_string(static_cast<int>(memory / static_cast<double>(domains) * 1024)) +
                   " KiB each domain");
  const std::string text = "Subject: Hello\r\n\r\n" + std::string(500, 'x') + "\r\n";
  const auto content = std::make_shared<const std::string>(text);
  for (std::size_t i = 0; i < messages; ++i) {
    world.kernel().set(world.start() + std::chrono::milliseconds(5) * i, [&world, &content, i,
                                                                          domains] {
      // Each pair of neighbours at another distance, so that caches are met both cold and warm.
      const std::size_t from = i % domains, to = (from + 1 + i / domains % (domains - 1)) % domains;
      smtp::Envelope envelope;
      envelope.queue_id = "Q" + std::to_string(i);
      envelope.message_id = "<" + std::to_string(i) + "@" + domain(from) + ">";
      envelope.reverse_path = *mail::Mailbox::parse(person(from));
      envelope.recipients = {*mail::Mailbox::parse(person(to))};
      world.mail_host("mail." + domain(from))->queue()->add(envelope, content);
    });
  }
  const bench::CpuTime run_time;
  world.run();
  std::size_t arrived = 0;
  for (std::size_t i = 0; i < domains; ++i) {
    const auto inbox = world.store().mailbox(person(i), "INBOX");
    world.store().scan(inbox->id, {}, [&](const store::MessageInfo&) { return ++arrived, true; });
  }
  if (arrived != messages) group.fail(std::to_string(arrived) + " messages arrived");
  group.rate("messages among all, every name looked up from the root",
             static_cast<double>(messages), "deliveries/s", run_time.seconds());
  group.figure("memory with the trace of these", bench::resident_mib() - start, "MiB",
               std::to_string(world.log().size()) + " events");
  return 0;
}
