// Nothing: the target that precompiles the standard headers needs a source.
