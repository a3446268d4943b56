// What the terminal tells about the library: no step without a sentence, no hole in a sentence.
#include "sim/story/story.hpp"
#include "sim/scenario/loader.hpp"
#include "sim/story/caption.hpp"
#include "tests/catch.hpp"
#include "tests/sim/support.hpp"

using namespace mailscope;

TEST_CASE("every step of the library has its caption", "[sim][story]") {
  for (const std::string& path : test::library()) {
    INFO(path);
    world::World world(scenario::load_scenario_file(test::source_path(path)), {});
    world.run();
    const story::World known = story::read_world(world.log());
    const story::Story story = story::tell(known, world.log());
    REQUIRE(story.steps.size() > 10);
    REQUIRE(!story.chapters.empty());
    std::int64_t before = 0;
    for (const story::Step& step : story.steps) {
      const story::Caption caption = story::caption(known, world.log(), step.event);
      INFO("event " << step.event << ", " << trace::info(step.kind).name << ": " << caption.bold
                    << " / " << caption.support);
      CHECK(!caption.bold.empty());
      CHECK(!step.label.empty());
      CHECK(step.from != 0);
      CHECK(caption.bold.find('{') == std::string::npos);
      CHECK(caption.bold.find("unknown host") == std::string::npos);
      CHECK(caption.support.find("unknown host") == std::string::npos);
      CHECK(step.time_ns >= before);
      before = step.time_ns;
    }
  }
}

TEST_CASE("an address that is taken is no failure on the timeline", "[sim][story]") {
  world::World world(scenario::load_scenario(
                         R"({"title": "t", "domains": {
              "a.example": {"users": ["x"]},
              "b.example": {"users": ["y"], "aliases": {"all": ["y@b.example", "x@a.example"]},
                            "lists": {"news": {"members": ["y@b.example"]}}}},
            "script": [{"send": {"from": "x@a.example",
                                 "to": ["all@b.example", "news@b.example", "no@b.example"]}}]})",
                         "s.json"),
                     {});
  world.run();
  const trace::Log& log = world.log();
  std::map<std::string, bool> failed;
  for (const story::Step& step : story::tell(story::read_world(log), log).steps) {
    if (step.kind == trace::Kind::policy_recipient)
      failed[std::string(log.text(step.event, "verdict"))] = step.failure;
  }
  CHECK(failed == std::map<std::string, bool>{
                      {"alias", false}, {"list", false}, {"local", false}, {"unknown", true}});
}
