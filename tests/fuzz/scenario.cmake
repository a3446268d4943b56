mailscope_fuzz(scenario SOURCES scenario_fuzz.cpp LINK world)
