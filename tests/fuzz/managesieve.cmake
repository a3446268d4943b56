mailscope_fuzz(managesieve SOURCES managesieve_fuzz.cpp LINK managesieve)
