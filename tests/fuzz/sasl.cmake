mailscope_fuzz(sasl SOURCES sasl_fuzz.cpp LINK auth)
