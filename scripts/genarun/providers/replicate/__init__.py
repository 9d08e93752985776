"""Replicate: any model, by its published input schema, through predictions that are started, asked after and cancelled."""
