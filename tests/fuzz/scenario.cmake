# Worlds are slow beside parsers: fewer inputs.
mailscope_fuzz(scenario SOURCES scenario_fuzz.cpp LINK world RUNS 3000)
