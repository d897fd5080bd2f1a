-- One report in one statement: the client's key, the event, the first entry of its log, the fact
-- for the outbox, the alarm of its first step and the counters' deltas. Everything hangs on `key`: when the key was used before,
-- nothing is inserted and no row comes back.
-- `geom` is EPSG:4490; :lon and :lat may be null.
WITH key AS (
    INSERT INTO client_key (county_code, id, account_id, body_hash, answer)
    VALUES (:home_county, :client_id, :account_id, :body_hash, :answer)
    ON CONFLICT DO NOTHING
    RETURNING id
), event AS (
    INSERT INTO event (
        county_code, id, event_no, state, area_code, scheme_version, category_code, text, severity,
        source, external_ref, reporter_id, reported_at, geom, raw_position, crs_suspect, address_text,
        track_hash, answers, step_due_at, restricted, named,
        rework_count, unsolved_count, log_seq, log_head)
    SELECT
        :county_code, :id, :event_no, :state, :area_code, :scheme_version, :category_code, :text,
        :severity, :source, :external_ref, :reporter_id, :at, ST_SetSRID(ST_Point(:lon, :lat), 4490),
        :raw_position, :crs_suspect, :address_text,
        :track_hash, :answers, :step_due_at, :restricted, :named,
        0, 0, 1, :hash
    FROM key
), entry AS (
    INSERT INTO event_action (
        county_code, id, event_id, seq, action, to_state, actor_id, post_id, role,
        organization_id, note, details, at, client_at, form, hash)
    SELECT
        :county_code, :action_id, :id, 1, 'submit', :state, :account_id, :post_id, :role,
        :organization_id, '', :details, :at, :client_at, :form, :hash
    FROM key
), fact AS (
    INSERT INTO outbox (county_code, id, fact, subject_id, details, attempts)
    SELECT :county_code, :action_id, 'event.advanced', :id, :fact_details, 0
    FROM key
), alarm AS (
    INSERT INTO alarm (county_code, id, event_id, kind, at)
    SELECT :county_code, :action_id, :id, 'step', :step_due_at
    FROM key
), delta AS (
    INSERT INTO counter_delta (county_code, id, area_code, measure, change)
    SELECT :county_code, one.id, :area_code, one.measure, 1
    FROM key, unnest(:delta_ids, :measures) AS one (id, measure)
)
SELECT id FROM key
