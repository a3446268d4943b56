mailscope_fuzz(mbox SOURCES mbox_fuzz.cpp LINK export)
