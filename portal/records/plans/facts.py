"""What other nouns ask of actions: in their statements, whose one is."""

#: Of `action a`, and `app_user u` and `team t` that own it. Where somebody without an account does it:
#: “Fenella Gladwrack (youth club), through Wanda Worker”, as `rules.External.through` says it.
OWNER_NAME = """
case when a.external_name = '' then coalesce(u.name, t.name)
     else a.external_name || case when a.external_role = '' then '' else ' (' || a.external_role || ')' end
          || ', through ' || u.name end"""
