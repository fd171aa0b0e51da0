"""Where educators write couples: forms and YAML in step, checks, a bench to hear them, files in and out."""
