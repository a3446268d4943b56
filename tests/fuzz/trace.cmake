mailscope_fuzz(trace SOURCES trace_fuzz.cpp LINK export)
mailscope_fuzz(trace_ndjson SOURCES trace_ndjson_fuzz.cpp LINK export)
